using System.Diagnostics;
using Chat.Bench.Measures;
using Chat.Bench.Peers;

namespace Chat.Bench.Scenarios;

/// <summary>CPU time from its making on, in cores: the server's and the load's.</summary>
internal sealed class CpuWatch
{
    private readonly IRunningPeer _server;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private readonly TimeSpan _serverCpu;
    private readonly TimeSpan _generatorCpu;

    public CpuWatch(IRunningPeer server) => (_server, _serverCpu, _generatorCpu) = (server, ProcessUsage.Cpu(server.ProcessId), Environment.CpuUsage.TotalTime);

    /// <summary>How long it has been.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(_startedAt);

    /// <summary>Both figures so far, with more beside them.</summary>
    public Dictionary<Figure, double> Read(params IEnumerable<(Figure Figure, double Value)> more)
    {
        var time = Time;
        var values = new Dictionary<Figure, double>
        {
            [Figure.ServerCpu] = (ProcessUsage.Cpu(_server.ProcessId) - _serverCpu) / time,
            [Figure.GeneratorCpu] = (Environment.CpuUsage.TotalTime - _generatorCpu) / time,
        };
        foreach (var (figure, value) in more)
            values[figure] = value;
        return values;
    }
}
