using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Chat.Benchmarks;
using Xunit;

namespace Chat.Tests.Bench;

public sealed class MicroBenchmarkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-benchmarks-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Once each, in this process, and, as it is no measurement, in a build without optimization too.
    [Fact]
    public void Should_run_every_micro_benchmark_to_its_end_when_it_is_tried()
    {
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Dry.WithToolchain(InProcessEmitToolchain.Instance))
            .WithOptions(ConfigOptions.DisableOptimizationsValidator | ConfigOptions.DisableLogFile)
            .WithArtifactsPath(_folder);
        var summaries = BenchmarkRunner.Run(typeof(OutboxBenchmarks).Assembly, config);
        Assert.Equal(4, summaries.Length);
        Assert.All(summaries, summary =>
        {
            Assert.False(summary.HasCriticalValidationErrors);
            Assert.NotEmpty(summary.Reports);
            Assert.All(summary.Reports, report => Assert.True(report.Success, report.BenchmarkCase.DisplayInfo));
        });
    }
}
