using System.Text;
using Chat.Tests.EndToEnd.Support;
using Xunit;

namespace Chat.Tests.EndToEnd.Conformance;

/// <summary>One gateway for all cases of RFC 6455.</summary>
[CollectionDefinition(Name)]
public sealed class ConformanceCollection : ICollectionFixture<GatewayFixture>
{
    public const string Name = "RFC 6455";
}

/// <summary>
/// What the cases have in common: each names the section of RFC 6455 that it is of, and talks to the gateway over bare TCP. A message was read
/// where its request is answered.
/// </summary>
[Collection(ConformanceCollection.Name)]
public abstract class ConformanceTests(GatewayFixture chat)
{
    private protected static readonly byte[] Request = "{\"type\":\"ping\",\"id\":\"x\"}"u8.ToArray();

    private protected GatewayProcess Gateway => chat.Gateway;

    private protected Task<RawWire> OpenAsync() => RawWire.UpgradeAsync(Gateway);

    /// <summary>A request of so many bytes, all of them told in its answer's being there.</summary>
    private protected static byte[] RequestOf(int bytes) =>
        Encoding.ASCII.GetBytes("{\"type\":\"ping\",\"id\":\"x\",\"x\":\"" + new string('x', bytes - 31) + "\"}");

    /// <summary>A request with these bytes inside a text of its own.</summary>
    private protected static byte[] RequestWith(ReadOnlySpan<byte> inside) => [.. "{\"type\":\"ping\",\"id\":\"x\",\"x\":\""u8, .. inside, .. "\"}"u8];

    private protected static Task AnsweredAsync(RawWire wire) => wire.ExpectAsync(frame => frame is { Type: "pong", Id: "x" }, "the answer to the request");

    /// <summary>The bytes are read as one request, and the connection goes on.</summary>
    private protected async Task ReadsAsync(string rule, params byte[][] writes)
    {
        using var wire = await OpenAsync();
        foreach (var bytes in writes)
            await wire.WriteAsync(bytes);
        await AnsweredAsync(wire);
        await wire.SendAsync(RawWire.Ping, "after"u8.ToArray());
        while (await wire.ReadFrameAsync() is { } frame)
        {
            Assert.True(frame.Opcode == RawWire.Pong, $"{rule}: {frame.Opcode} came");
            if (Encoding.ASCII.GetString(frame.Payload) == "after")
                return;
        }
        Assert.Fail($"{rule}: the connection ended");
    }

    /// <summary>The connection is failed (section 7.1.7): a close frame with the code, nothing behind it, and no text ahead of it.</summary>
    private protected async Task FailsAsync(string rule, int code, params byte[][] writes)
    {
        using var wire = await OpenAsync();
        foreach (var bytes in writes)
        {
            try
            {
                await wire.WriteAsync(bytes);
            }
            catch (IOException)
            {
                // Failed by what was sent before; why can still be read.
            }
        }
        var frames = new List<(int Opcode, byte[] Payload)>();
        while (await wire.ReadFrameAsync() is { } frame)
            frames.Add(frame);
        Assert.True(frames.Count > 0, $"{rule}: the connection ended without a close frame");
        Assert.DoesNotContain(frames, frame => frame.Opcode == RawWire.Text);
        var (opcode, payload) = frames[^1];
        Assert.Single(frames, frame => frame.Opcode == RawWire.Close);
        Assert.True(opcode == RawWire.Close && RawWire.CodeOf(payload) == code, $"{rule}: {opcode} with {Convert.ToHexString(payload)}");
    }

    /// <summary>Each byte in a piece of its own.</summary>
    private protected static byte[][] Chopped(IEnumerable<byte> bytes) => [.. bytes.Select(b => new[] { b })];

    /// <summary>A text in fragments of at most so many bytes, each a frame.</summary>
    private protected static byte[][] Fragments(byte[] text, int size)
    {
        var parts = text.Chunk(size).ToArray();
        return [.. parts.Select((part, i) => new RawFrame(i == 0 ? RawWire.Text : RawWire.Continuation, part) { IsFinal = i == parts.Length - 1 }.ToBytes())];
    }
}
