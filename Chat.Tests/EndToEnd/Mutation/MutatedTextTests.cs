using System.Text;
using Chat.Protocol;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Mutation;

/// <summary>Requests that are mutated inside of frames that are in order, and a few frames that aren't.</summary>
public sealed class MutatedTextTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const int Connections = 4;
    private const int Frames = 10_000;
    private const int MostMalformed = 100;

    // A sync point each so many frames: all before it has been dealt with.
    private const int Stride = 40;

    private const string Alphabet = "{}[]\":,\\0123456789-+.eEtruefalsnul \n\t\0\u007f";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static readonly string[] Requests =
    [
        """{"type":"login","username":"mutant","session":"00000000000000000000000000000000","id":"1"}""",
        """{"type":"join","room":"mutants","since":0,"epoch":"e","history":5,"id":"a.b_c:d-E9"}""",
        """{"type":"leave","room":"mutants"}""",
        """{"type":"publish","room":"mutants","message":"Grüße, 世界 😀 \ud83d\ude00 \n","id":"m"}""",
        """{"type":"history","room":"mutants","before":10,"limit":3}""",
        """{"type":"history","room":"mutants","after":9007199254740991}""",
        """{"type":"who","room":"straße"}""",
        """{"type":"rooms","x":[[[[[[1e999]]]]]]}""",
        """{"type":"typing","room":"mutants"}""",
        """{"type":"ping","id":"p"}""",
    ];

    [Fact]
    public Task Should_outlive_random_and_mutated_frames_and_end_no_connection_that_should_not_end() =>
        Bystanders.ChatBesideAsync(chat, Frames, Connections, SendAsync);

    // Every so many-th seed, from the first on.
    private async Task SendAsync(int seed, int end)
    {
        var wire = await LoginAsync();
        var malformed = 0;
        while (seed < end)
        {
            var (since, expected) = (seed, (int?)null);
            try
            {
                for (var i = 0; i < Stride && seed < end && expected is null; i++, seed += Connections)
                {
                    (var bytes, expected) = Next(new Random(seed));
                    await wire.WriteAsync(bytes);
                }
                await wire.SendAsync($$"""{"type":"ping","id":"sync-{{seed}}"}""");
            }
            catch (IOException)
            {
                // Closed meanwhile; what it was closed for can still be read.
            }
            var code = await SyncAsync(wire, $"sync-{seed}", count => malformed += count);
            // A connection ends for what was due, or for its hundredth malformed frame.
            Assert.True(
                code == expected || (code == CloseCodes.Policy && malformed >= MostMalformed),
                $"seeds {since}, every {Connections} up to {seed}: {code?.ToString() ?? "no close"} after {malformed} malformed frames, due was {expected?.ToString() ?? "none"}");
            if (code is null)
                continue;
            wire.Dispose();
            malformed = 0;
            wire = await LoginAsync();
        }
        wire.Dispose();
    }

    // Reads up to the sync's answer (null) or the close; gives the close's code.
    private static async Task<int?> SyncAsync(RawWire wire, string id, Action<int> countMalformed)
    {
        while (await wire.ReadFrameAsync() is { } frame)
        {
            if (frame.Opcode == RawWire.Close)
                return frame.Payload[0] << 8 | frame.Payload[1];
            if (frame.Opcode != RawWire.Text)
                continue;
            var e = new Frame(Encoding.UTF8.GetString(frame.Payload));
            if (e.Id == id)
                return null;
            if (e["code"] is "bad_json" or "bad_request" or "unknown_type")
                countMalformed(1);
        }
        throw new XunitException("The connection was lost without a close frame.");
    }

    private async Task<RawWire> LoginAsync()
    {
        var wire = await RawWire.UpgradeAsync(chat.Gateway);
        await wire.SendAsync($$"""{"type":"login","username":"{{chat.Name("mutant")}}"}""");
        await wire.SendAsync("""{"type":"join","room":"mutants","history":0}""");
        await wire.ExpectAsync(frame => frame.Type == "history", "the join's answer");
        return wire;
    }

    // A frame as it goes over the wire, and the close code that is due for it.
    private static (byte[] Bytes, int? Due) Next(Random random)
    {
        switch (random.Next(1000))
        {
            case 0:
                return (RawWire.Encode(RawWire.Binary, Noise(random, 50)), 1003);
            case 1:
                return (RawWire.Encode(RawWire.Text, new byte[70_000]), 1009);
            case 2:
                return (RawWire.Encode(random.Next(3, 8), Noise(random, 50)), 1002);
            case 3:
                return (RawWire.Encode(RawWire.Continuation, Noise(random, 50)), 1002);
            case < 20:
                return (RawWire.Encode(random.Next(2) == 0 ? RawWire.Ping : RawWire.Pong, Noise(random, 126)), null);
            case < 40:
                return Text([.. Enumerable.Range(0, random.Next(60)).Select(_ => (byte)random.Next(32, 127))]);
            case < 60:
                return Text(Mutate(random, Request(random), isText: false));
            default:
                return Text(Mutate(random, Request(random), isText: true));
        }
    }

    private static byte[] Request(Random random) => Encoding.UTF8.GetBytes(Requests[random.Next(Requests.Length)]);

    private static byte[] Noise(Random random, int below)
    {
        var bytes = new byte[random.Next(below)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static (byte[], int?) Text(byte[] payload)
    {
        try
        {
            Strict.GetCharCount(payload);
            return (RawWire.Encode(RawWire.Text, payload), null);
        }
        catch (DecoderFallbackException)
        {
            return (RawWire.Encode(RawWire.Text, payload), 1007);
        }
    }

    // One to three changes; of characters where the outcome is to be text.
    private static byte[] Mutate(Random random, byte[] bytes, bool isText)
    {
        var runes = isText ? Encoding.UTF8.GetString(bytes).EnumerateRunes().Select(rune => Encoding.UTF8.GetBytes(rune.ToString())).ToList()
            : [.. bytes.Select(b => new[] { b })];
        for (var changes = random.Next(1, 4); changes > 0 && runes.Count > 1; changes--)
        {
            var at = random.Next(runes.Count);
            switch (random.Next(5))
            {
                case 0:
                    runes.RemoveAt(at);
                    break;
                case 1:
                    runes.Insert(at, Piece());
                    break;
                case 2:
                    runes[at] = Piece();
                    break;
                case 3:
                    runes.RemoveRange(at, random.Next(1, runes.Count - at + 1));
                    break;
                default:
                    runes.InsertRange(at, [.. runes.Skip(random.Next(runes.Count)).Take(20)]);
                    break;
            }
        }
        return [.. runes.SelectMany(rune => rune)];

        byte[] Piece() => !isText ? [(byte)random.Next(256)]
            : random.Next(4) > 0 ? [(byte)Alphabet[random.Next(Alphabet.Length)]]
            : Encoding.UTF8.GetBytes(new Rune(random.Next(0xD800)).ToString());
    }
}
