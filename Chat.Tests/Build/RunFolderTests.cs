using Xunit;

namespace Chat.Tests.Build;

public sealed class RunFolderTests
{
    [Theory]
    [InlineData("Chat.Gateway")]
    [InlineData("Chat.Cli")]
    public async Task Should_run_where_the_command_was_given_when_started_by_the_sdk(string project)
    {
        var folder = await DotnetCommand.RunAsync(
            "msbuild", Path.Combine(project, project + ".csproj"), "-getProperty:RunWorkingDirectory");
        // Without one, `dotnet run` stays in the current folder.
        Assert.Contains(folder.TrimEnd(Path.DirectorySeparatorChar), new[] { "", DotnetCommand.Root });
    }
}
