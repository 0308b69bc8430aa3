using Chat.Tests.EndToEnd.Support;
using Xunit;
using Xunit.Sdk;

namespace Chat.Tests.EndToEnd.Mutation;

/// <summary>Two who go on chatting on the gateway that mutants are sent to, which must log nothing of them.</summary>
internal static class Bystanders
{
    private const string Room = "bystanders";

    /// <summary>Has them chat until the mutants are through; a failure tells the seeds.</summary>
    /// <param name="chat">The gateway.</param>
    /// <param name="preset">How many mutants are sent unless told.</param>
    /// <param name="connections">How many connections share them.</param>
    /// <param name="sendAsync">Sends every so many-th, from a seed on to before another.</param>
    public static async Task ChatBesideAsync(GatewayFixture chat, int preset, int connections, Func<int, int, Task> sendAsync)
    {
        var (first, count) = (MutationSeeds.First(), MutationSeeds.Count(preset));
        try
        {
            await using var ana = await chat.EnterAsync("ana", Room);
            await using var ben = await chat.EnterAsync("ben", Room);
            var mutants = Task.WhenAll(Enumerable.Range(0, connections).Select(i => sendAsync(first + i, first + count)));
            var said = 0;
            do
            {
                await ana.PublishAsync(Room, $"{++said}");
                await ben.ExpectAsync(frame => frame.IsMessage(Room, $"{said}"), "what a bystander says");
            }
            while (!mutants.IsCompleted);
            await mutants;
            await ana.PongAsync();
            await ben.PongAsync();
            Assert.DoesNotContain("fail:", chat.Gateway.Output);
            Assert.DoesNotContain("crit:", chat.Gateway.Output);
            Assert.DoesNotContain("xception", chat.Gateway.Output);
        }
        catch (Exception e)
        {
            throw new XunitException($"With CHAT_FIRST_FRAME={first} CHAT_FRAMES={count}: {e}\n{chat.Gateway.Report}");
        }
    }
}
