using Chat.Actors.History;
using Xunit;

namespace Chat.Tests.History;

public sealed class StoreLockTests : IDisposable
{
    private readonly DataFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public void Should_keep_a_second_gateway_out()
    {
        using (_data.Open())
            ShouldBeInUse(_data.Path);

        _data.Open().Dispose();
    }

    [Fact]
    public void Should_say_that_the_folder_is_in_use_when_another_holds_the_lock()
    {
        using var held = new FileStream(Path.Combine(_data.Path, ".lock"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        ShouldBeInUse(_data.Path);
    }

    [Fact]
    public void Should_make_the_folder_and_those_above_it()
    {
        var deep = Path.Combine(_data.Path, "a", "b");

        using var store = FileHistoryStore.Open(deep);

        Assert.Equal([".lock"], Directory.GetFileSystemEntries(deep).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("file")]
    [InlineData("file/history")]
    public void Should_say_that_the_folder_cant_be_written(string path)
    {
        File.WriteAllText(Path.Combine(_data.Path, "file"), "");
        var folder = Path.Combine(_data.Path, path);

        var error = Assert.Throws<StorageException>(() => FileHistoryStore.Open(folder));

        Assert.Equal(StorageFailure.NotWritable, error.Failure);
        Assert.Contains(folder, error.Message);
        Assert.Contains("choose another folder", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static void ShouldBeInUse(string folder)
    {
        var error = Assert.Throws<StorageException>(() => FileHistoryStore.Open(folder));

        Assert.Equal(StorageFailure.InUse, error.Failure);
        Assert.Contains(folder, error.Message);
        Assert.Contains("Stop that one", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
