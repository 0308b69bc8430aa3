using Akka.Actor;
using Akka.TestKit.Xunit2;
using Chat.Actors;
using Xunit;

namespace Chat.Tests.Together;

public sealed class EndOnFailureSpecs() : TestKit(ChatHosting.Guardian)
{
    private sealed class Failing : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidDataException("A fault of the program.");
    }

    [Fact]
    public async Task Should_end_the_system_when_one_of_the_first_actors_fails()
    {
        Sys.ActorOf<Failing>("first").Tell("anything");
        await Sys.WhenTerminated.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
