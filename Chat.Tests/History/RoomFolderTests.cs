using Chat.Protocol;
using Xunit;

namespace Chat.Tests.History;

public sealed class RoomFolderTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData("general", "general")]
    [InlineData("a_b-9", "a_b-9")]
    [InlineData("..", "%2E%2E")]
    [InlineData(".", "%2E")]
    [InlineData("con", "con")]
    [InlineData("a.b", "a%2Eb")]
    [InlineData("%41", "%2541")]
    [InlineData("/etc/passwd", "%2Fetc%2Fpasswd")]
    [InlineData("a\0b", "a%00b")]
    [InlineData("Räume", "%52%C3%A4ume")]
    [InlineData("部屋", "%E9%83%A8%E5%B1%8B")]
    [InlineData("\U0001F600", "%F0%9F%98%80")]
    public void Should_keep_any_name_in_a_folder_of_its_own(string name, string folder)
    {
        var room = RoomName.Trusted(name);
        using var store = _data.Open();
        using var log = store.Log(room);
        log.Open();
        log.Append(DataFolder.Entries(1, 1));

        Assert.Equal(Path.Combine(_data.Path, folder), Assert.Single(Directory.GetDirectories(_data.Path)));
        Assert.Equal([room], store.Rooms());
    }

    [Theory]
    [InlineData("General")]
    [InlineData("lost+found")]
    [InlineData(".git")]
    [InlineData("a%2eb")]
    [InlineData("%61")]
    [InlineData("%2")]
    [InlineData("%")]
    [InlineData("%ZZ")]
    [InlineData("%FF")]
    [InlineData("%C0%AE")]
    [InlineData("ä")]
    public void Should_ignore_a_folder_that_no_room_has(string folder)
    {
        using var store = _data.Open();
        Directory.CreateDirectory(Path.Combine(_data.Path, folder));
        File.WriteAllText(Path.Combine(_data.Path, "readme"), "");

        Assert.Empty(store.Rooms());
    }

    [Fact]
    public void Should_refuse_a_name_that_no_folder_can_have()
    {
        using var store = _data.Open();

        Assert.ThrowsAny<ArgumentException>(() => store.Log(default));
        Assert.ThrowsAny<ArgumentException>(() => store.Log(RoomName.Trusted("\uD800")));
    }
}
