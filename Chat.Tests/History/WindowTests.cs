using Chat.Actors.History;
using Chat.Tests.History.Contract;
using Xunit;

namespace Chat.Tests.History;

public sealed class WindowTests : WindowContract
{
    private readonly DataFolder _data;

    public WindowTests() : this(new DataFolder())
    {
    }

    private WindowTests(DataFolder data) : base(data) => _data = data;

    [Fact]
    public void Should_name_the_file_and_the_byte_of_a_damaged_line()
    {
        var last = Directory.GetFiles(_data.RoomPath, "*.jsonl").Order().Last();
        var bytes = File.ReadAllBytes(last);
        var first = long.Parse(Path.GetFileNameWithoutExtension(last));
        bytes[50] ^= 4;
        File.WriteAllBytes(last, bytes);

        Read(first - 2, 0, 100);

        Assert.Contains(_data.Warnings, warning => warning.File == last && warning.Offset == 0);
    }
}
