using System.CommandLine;
using Chat.Bench.Limit;
using Chat.Bench.Peers;

namespace Chat.Bench.Verbs;

/// <summary><c>limit-server</c>: what <c>compare</c> starts as its limit.</summary>
internal static class LimitServerVerb
{
    public static Command Create(TextWriter error)
    {
        var command = new Command(LimitPeer.Verb, "Serves as the limit until it is ended.") { Hidden = true };
        var port = BoundedOption.Integer("--port", "Where to listen, on the loopback address", 8_182, 1, 65_535);
        command.Options.Add(port);
        command.SetMeasurement(error, (parsed, cancellation) =>
        {
            using var server = new LimitServer(parsed.GetValue(port));
            server.Run(cancellation);
            return Task.FromResult(true);
        });
        return command;
    }
}
