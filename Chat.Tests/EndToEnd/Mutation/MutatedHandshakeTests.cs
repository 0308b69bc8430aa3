using System.Text;
using System.Text.RegularExpressions;
using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Mutation;

/// <summary>Handshakes that are mutated: each is answered with a status, or the connection is ended.</summary>
public sealed partial class MutatedHandshakeTests(GatewayFixture chat) : IClassFixture<GatewayFixture>
{
    private const int Connections = 4;
    private const int Handshakes = 1_000;

    private const string Pieces = "\r\n\t :;,/?=\"\\\0\u007f\u0080\u00ff0123456789abcXYZ-";

    private const string Head = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt, chat.v1\r\nOrigin: http://127.0.0.1\r\n\r\n";

    [Fact]
    public async Task Should_answer_with_a_status_or_end_the_connection_whatever_is_mutated_in_a_handshake()
    {
        var (first, count) = (MutationSeeds.First(), MutationSeeds.Count(Handshakes));
        var statuses = new int[600];
        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = Connections }, async (seed, _) =>
        {
            var head = Mutate(new Random(seed));
            try
            {
                using var wire = await RawWire.ConnectAsync(chat.Gateway);
                var answer = await AnswerAsync(wire, head);
                Assert.Matches(Answer(), answer);
                Interlocked.Increment(ref statuses[answer.Length == 0 ? 0 : int.Parse(answer.AsSpan(9, 3))]);
            }
            catch (Exception e)
            {
                throw new XunitException($"With CHAT_FIRST_FRAME={seed} CHAT_FRAMES=1, {Convert.ToBase64String(head)}: {e}\n{chat.Gateway.Report}");
            }
        });
        await using var next = await chat.EnterAsync("next", "bystanders");
        await next.PublishAsync("bystanders", "still here");
        Assert.Equal(0, statuses[500]);
        Assert.DoesNotContain("fail:", chat.Gateway.Output);
        Assert.DoesNotContain("crit:", chat.Gateway.Output);
        Assert.DoesNotContain("xception", chat.Gateway.Output);
        // Mutations that never harm it, or always do, would show little.
        if (count >= 1_000)
            Assert.All([101, 400, 426], status => Assert.True(statuses[status] > count / 100, $"{status}: {statuses[status]}"));
    }

    // The head of the answer; nothing where the connection ends without one.
    private static async Task<string> AnswerAsync(RawWire wire, byte[] head)
    {
        try
        {
            await wire.WriteAsync(head);
            await wire.ReadHeadAsync();
        }
        catch (IOException)
        {
            // Ended in the middle of what it was sent.
        }
        return wire.Response;
    }

    private static byte[] Mutate(Random random)
    {
        var lines = Head.Split("\r\n").ToList();
        var text = new StringBuilder();
        for (var changes = random.Next(0, 3); changes > 0; changes--)
        {
            var at = random.Next(lines.Count - 2);
            switch (random.Next(4))
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(at, lines[random.Next(lines.Count - 2)]);
                    break;
                case 2:
                    lines[at] += new string('x', random.Next(40_000));
                    break;
                default:
                    (lines[at], lines[^3]) = (lines[^3], lines[at]);
                    break;
            }
        }
        text.AppendJoin("\r\n", lines);
        for (var changes = random.Next(0, 3); changes > 0; changes--)
        {
            var at = random.Next(Math.Min(text.Length, 400));
            switch (random.Next(4))
            {
                case 0:
                    text[at] = Pieces[random.Next(Pieces.Length)];
                    break;
                case 1:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                case 2:
                    text.Remove(at, Math.Min(random.Next(1, 10), text.Length - at));
                    break;
                default:
                    text[at] = (char)(text[at] ^ 1 << random.Next(8));
                    break;
            }
        }
        // Whatever became of its end, it has one.
        return Encoding.Latin1.GetBytes(text.Append("\r\n\r\n").ToString());
    }

    [GeneratedRegex("^(HTTP/1\\.1 (101|4[0-9][0-9]|505) |$)")]
    private static partial Regex Answer();
}
