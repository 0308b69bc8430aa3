using System.Text;
using Chat.Bench.Sockets;

namespace Chat.Bench.Abuses;

/// <summary>What is done to a server to see whether it holds.</summary>
public static class AllAbuses
{
    // So many frames go out in one send.
    private const int Batch = 200;

    // Less than a message may have.
    private const int Chunk = 16 * 1024;

    // What comes and isn't read stays with the sender as soon as can be.
    private const int SmallBuffer = 4 * 1024;

    private static readonly TimeSpan ByteTime = TimeSpan.FromSeconds(1);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Abuse> All { get; } =
    [
        new("slow-handshake", "200 handshakes of a byte a second", 200, "ended", SlowHandshakeAsync),
        new("half-open", "1,000 connections that never end their handshake, or never begin it", 1_000, "half open", HalfOpenAsync),
        new("silent", "250 WebSockets that say nothing", 250, "closed 1008", SilentAsync),
        new("huge-length", "100 frames that promise 2^62 bytes; half of them come to some, the others to none", 100, "2^62 promised", HugeLengthAsync),
        new("fragments", "4 messages in endless fragments: two of a byte each, two of none", 4, "fragments", FragmentsAsync),
        new("pings", "4 floods of pings of 125 bytes; two never read the pongs", 4, "pings", PingsAsync),
        new("bad-frames", "4 floods of frames that are no requests, or no frames", 4, "bad frames", BadFramesAsync),
        new("logins", "50 floods of logins: every other one of a name that is taken", 50, "logins", LoginsAsync),
        new("rooms", "20 floods of joins of new rooms", 20, "joins", RoomsAsync),
        new("deaf", "50 in the room who never read; every other one asks for history all the same", 50, "deaf", DeafAsync),
    ];

    /// <summary>One of them.</summary>
    public static Abuse Named(string name) => All.Single(abuse => abuse.Name == name);

    // Until the server ends it.
    private static async Task FloodAsync(Attacker attacker, byte[] batch, string act, Task ended, CancellationToken cancellation)
    {
        while (!ended.IsCompleted)
        {
            await attacker.SendAsync(batch, cancellation);
            attacker.Did(act, Batch);
        }
        await ended;
    }

    private static async Task SlowHandshakeAsync(Attacker attacker, CancellationToken cancellation)
    {
        await attacker.ConnectAsync(null, cancellation);
        var ended = attacker.EndAsync(cancellation);
        for (var at = 0; !ended.IsCompleted; at++)
        {
            // A header that has no end.
            var next = at < Attacker.HandshakeBegun.Length ? (byte)Attacker.HandshakeBegun[at] : at == Attacker.HandshakeBegun.Length ? (byte)'X' : (byte)'x';
            await attacker.SendAsync(new[] { next }, cancellation);
            attacker.Did("bytes");
            await Task.WhenAny(ended, Task.Delay(ByteTime, cancellation));
        }
        await ended;
    }

    private static async Task HalfOpenAsync(Attacker attacker, CancellationToken cancellation)
    {
        await attacker.ConnectAsync(null, cancellation);
        if (attacker.Number % 2 == 0)
            await attacker.SendAsync(Encoding.ASCII.GetBytes(Attacker.HandshakeBegun), cancellation);
        attacker.Did("half open");
        await attacker.EndAsync(cancellation);
    }

    private static async Task SilentAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (await attacker.OpenAsync(cancellation))
            await attacker.ReadToEndAsync(cancellation);
    }

    private static async Task HugeLengthAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.OpenAsync(cancellation))
            return;
        await attacker.SendAsync(FrameBytes.HugeText, cancellation);
        attacker.Did("2^62 promised");
        var ended = attacker.ReadToEndAsync(cancellation);
        var chunk = FrameBytes.Times([(byte)' '], Chunk);
        while (attacker.Number % 2 == 0 && !ended.IsCompleted)
            await attacker.SendAsync(chunk, cancellation);
        await ended;
    }

    private static async Task FragmentsAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.EnterAsync(cancellation))
            return;
        byte[] payload = attacker.Number % 2 == 0 ? [] : [(byte)' '];
        await attacker.SendAsync(FrameBytes.Fragment(Opcode.Text, payload), cancellation);
        var ended = attacker.ReadToEndAsync(cancellation);
        var batch = FrameBytes.Times(FrameBytes.Fragment(Opcode.Continuation, payload), Batch);
        await FloodAsync(attacker, batch, "fragments", ended, cancellation);
    }

    private static async Task PingsAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.EnterAsync(cancellation, attacker.Number % 2 == 0 ? SmallBuffer : null))
            return;
        // Who never reads doesn't see the end: a send that fails tells it.
        var ended = attacker.Number % 2 == 0 ? new TaskCompletionSource().Task : attacker.ReadToEndAsync(cancellation);
        var batch = FrameBytes.Times(FrameBytes.Of(Opcode.Ping, new byte[125]), Batch);
        await FloodAsync(attacker, batch, "pings", ended, cancellation);
    }

    private static async Task BadFramesAsync(Attacker attacker, CancellationToken cancellation)
    {
        byte[] frame = attacker.Number switch
        {
            0 => FrameBytes.Of(Opcode.Text, "no request"u8),
            1 => FrameBytes.Of((Opcode)3, "no opcode"u8),
            2 => FrameBytes.Of(Opcode.Text, [0xFF, 0xFE]),
            _ => FrameBytes.Of(Opcode.Binary, new byte[16]),
        };
        if (!await attacker.OpenAsync(cancellation))
            return;
        var ended = attacker.ReadToEndAsync(cancellation);
        var batch = FrameBytes.Times(frame, Batch);
        await FloodAsync(attacker, batch, "bad frames", ended, cancellation);
    }

    private static async Task LoginsAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.OpenAsync(cancellation))
            return;
        if (attacker.Number % 2 == 0)
        {
            // Dropped without a close: its name is held for it.
            await attacker.SendTextAsync($$"""{"type":"login","username":"{{Attacker.NewName("eve")}}"}""", cancellation);
            attacker.Did("logins");
            await attacker.ReadAsync(text => text.StartsWith("{\"type\":\"rooms\""u8), cancellation);
            return;
        }
        var ended = attacker.ReadToEndAsync(cancellation);
        var batch = FrameBytes.Times(FrameBytes.Of(Opcode.Text, Encoding.UTF8.GetBytes($$"""{"type":"login","username":"{{attacker.Target.Taken}}"}""")), Batch);
        await FloodAsync(attacker, batch, "logins", ended, cancellation);
    }

    private static async Task RoomsAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.EnterAsync(cancellation))
            return;
        var ended = attacker.ReadToEndAsync(cancellation);
        while (!ended.IsCompleted)
        {
            var room = Attacker.NewName("room");
            await attacker.SendTextAsync($$"""{"type":"join","room":"{{room}}"}""", cancellation);
            await attacker.SendTextAsync($$"""{"type":"leave","room":"{{room}}"}""", cancellation);
            attacker.Did("joins");
        }
        await ended;
    }

    private static async Task DeafAsync(Attacker attacker, CancellationToken cancellation)
    {
        if (!await attacker.EnterAsync(cancellation, SmallBuffer))
            return;
        await attacker.SendTextAsync($$"""{"type":"join","room":"{{attacker.Target.Room}}","history":100}""", cancellation);
        attacker.Did("deaf");
        var batch = FrameBytes.Times(
            FrameBytes.Of(Opcode.Text, Encoding.UTF8.GetBytes($$"""{"type":"history","room":"{{attacker.Target.Room}}","limit":100}""")), Batch);
        // At some point the server takes no more, and this waits for good.
        while (attacker.Number % 2 == 0)
        {
            await attacker.SendAsync(batch, cancellation);
            attacker.Did("histories", Batch);
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
    }
}
