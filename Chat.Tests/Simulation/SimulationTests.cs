using System.Globalization;
using Chat.Tests.Build;
using Xunit;
using Xunit.Abstractions;

namespace Chat.Tests.Simulation;

/// <summary>
/// The whole chat in one thread, with a disk, a network, processes and clients that fail by chance. <c>CHAT_SEEDS</c> says how many runs
/// there are, <c>CHAT_FIRST_SEED</c> the seed of the first, 1 unless told, <c>CHAT_SEED</c> that there is one, which is told in full.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 2_000;
    private const int LastLines = 400;

    private static int? Only => Number("CHAT_SEED");

    [Fact]
    public void Should_keep_what_the_server_promises_whatever_happens()
    {
        var finding = Only is { } seed
            ? Seeds.Run(seed, keepsLines: true)
            : Seeds.FirstFault(Number("CHAT_FIRST_SEED") ?? 1, Number("CHAT_SEEDS") ?? DefaultSeeds, Environment.ProcessorCount);
        if (Only is not null)
        {
            foreach (var line in finding!.Lines)
                output.WriteLine(line);
        }
        Assert.True(finding?.Fault is null, finding is null ? "" : Told(finding));
    }

    [Fact]
    public void Should_do_the_same_when_a_seed_is_run_again()
    {
        var lines = Seeds.Run(7, keepsLines: true).Lines;
        Assert.True(lines.Count > 100, "Hardly anything happens.");
        for (var seed = 1; seed <= 20; seed++)
            Assert.Equal(Seeds.Run(seed).Hash, Seeds.Run(seed, keepsLines: true).Hash);
        Assert.NotEqual(Seeds.Run(1).Hash, Seeds.Run(2).Hash);
    }

    // Where a process draws its hashes of strings, the order of many collections is another in each.
    [Fact]
    public async Task Should_do_the_same_when_a_seed_is_run_in_another_process()
    {
        var path = Path.GetTempFileName();
        try
        {
            var told = await DotnetCommand.RunAsync(
                new Dictionary<string, string?> { [HashFile] = path },
                "test", typeof(SimulationTests).Assembly.Location, "--filter", $"FullyQualifiedName~{nameof(SimulationTests)}.{nameof(Should_write_its_hashes_where_another_process_asks_for_them)}");
            var theirs = await File.ReadAllTextAsync(path);
            Assert.True(theirs == Hashes(), $"{theirs}\n{told}");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Should_write_its_hashes_where_another_process_asks_for_them()
    {
        if (Environment.GetEnvironmentVariable(HashFile) is { Length: > 0 } path)
            File.WriteAllText(path, Hashes());
    }

    private const string HashFile = "CHAT_SEED_HASHES";

    private static string Hashes() =>
        string.Join(' ', Enumerable.Range(1, 25).Select(seed => Seeds.Run(seed).Hash.ToString("x16", CultureInfo.InvariantCulture)));

    private static string Told(Finding finding)
    {
        var lines = Seeds.Run(finding.Seed, keepsLines: true).Lines;
        return $"Seed {finding.Seed}: {finding.Fault}\n"
            + $"Replay it with: CHAT_SEED={finding.Seed} dotnet test Chat.Tests --filter "
            + $"FullyQualifiedName~{nameof(SimulationTests)}.{nameof(Should_keep_what_the_server_promises_whatever_happens)} "
            + "--logger 'console;verbosity=detailed'\n"
            + string.Join('\n', lines.TakeLast(LastLines));
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
