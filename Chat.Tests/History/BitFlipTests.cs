using Xunit;

namespace Chat.Tests.History;

public sealed class BitFlipTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_never_give_a_wrong_message_whichever_bit_of_a_log_flips()
    {
        var epoch = _data.Write(3);
        _data.ForgetCleanEnd();
        var room = File.ReadAllBytes(_data.RoomFile);
        var whole = File.ReadAllBytes(_data.Segment());
        using var store = _data.Open();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            foreach (var copy in _data.Cuts())
                File.Delete(copy);
            _data.Warnings.Clear();
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(_data.RoomFile, room);
            File.WriteAllBytes(_data.Segment(), flipped);
            using var log = store.Log(DataFolder.Room);

            var state = log.Open();
            log.Append(DataFolder.Entries(state.Last + 1, state.Last + 1));
            var page = log.Read(DataFolder.Oldest(1, state.Last + 1));

            page.ShouldBeAsWritten();
            page.ShouldSpeakOfAll();
            Assert.Equal(state.Last + 1, page.Entries[^1].Seq);
            Assert.True(_data.Warnings.Count > 0, $"bit {bit}: nothing was said");
            if (state.Last >= 3)
            {
                Assert.True(page.Missing.Count > 0, $"bit {bit}: nothing is missing");
                Assert.Equal(3, state.Last);
            }
            else
            {
                // What was cut may have been seen: clients must not take the next message for one that they have.
                Assert.True(state.Epoch != epoch, $"bit {bit}: the epoch stayed");
                Assert.Single(_data.Cuts());
            }
        }
    }

    [Fact]
    public void Should_open_whichever_bit_of_the_room_file_flips()
    {
        _data.Write(3);
        var whole = File.ReadAllBytes(_data.RoomFile);
        using var store = _data.Open();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            File.WriteAllBytes(_data.RoomFile, flipped);
            using var log = store.Log(DataFolder.Room);

            var state = log.Open();

            Assert.Equal(3, state.Last);
            Assert.NotEmpty(state.Epoch);
        }
    }
}
