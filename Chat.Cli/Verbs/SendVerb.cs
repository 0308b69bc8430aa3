using Chat.Protocol.Client;

namespace Chat.Cli.Verbs;

/// <summary><c>chat send</c>: says a text, or each line of the input, and returns when all of it is stored.</summary>
internal static class SendVerb
{
    // What may wait for its ack at once, however much more there is to read.
    private const int MostUnacked = 32;

    public static async Task<int> RunAsync(
        ChatClient client, string room, IAsyncEnumerable<InputLine> lines, ScriptIo io, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var places = new SemaphoreSlim(MostUnacked);
        var tally = new Tally();
        await Verb.ConnectAsync(client, cancellation);
        await client.JoinAsync(room, history: 0, cancellation: cancellation);
        try
        {
            await foreach (var line in lines.WithCancellation(failed.Token))
            {
                if (line.Problem is { } problem)
                    tally.Refuse(io, line, problem);
                if (line.Problem is not null || string.IsNullOrWhiteSpace(line.Text))
                    continue;
                await places.WaitAsync(failed.Token);
                _ = PublishAsync(line);
            }
            for (var i = 0; i < MostUnacked; i++)
                await places.WaitAsync(failed.Token);
        }
        catch (OperationCanceledException) when (tally.Lost is not null)
        {
            throw new ChatConnectionException($"{tally.Lost.Message} Stored until then: {tally.Stored}.", tally.Lost.CloseCode, tally.Lost);
        }
        return tally.Refused == 0 ? ExitCodes.Done : ExitCodes.Refused;

        async Task PublishAsync(InputLine line)
        {
            try
            {
                await client.PublishAsync(room, line.Text, cancellation: failed.Token);
                Interlocked.Increment(ref tally.Stored);
            }
            catch (ChatRefusedException refused)
            {
                tally.Refuse(io, line, refused.Message);
            }
            catch (ChatConnectionException lost)
            {
                tally.Lost = lost;
                await failed.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            places.Release();
        }
    }

    /// <summary>The one line that a text on the command line is.</summary>
    public static async IAsyncEnumerable<InputLine> One(string text)
    {
        await Task.CompletedTask;
        yield return new InputLine(0, text);
    }

    private sealed class Tally
    {
        public long Stored;
        public long Refused;

        public ChatConnectionException? Lost { get; set; }

        public void Refuse(ScriptIo io, InputLine line, string problem)
        {
            Interlocked.Increment(ref Refused);
            io.Say(line.Number > 0 ? $"line {line.Number}: {problem}" : problem);
        }
    }
}
