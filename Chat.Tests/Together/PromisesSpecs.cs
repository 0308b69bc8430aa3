using Akka.Actor;
using Chat.Actors.Connections;
using Chat.Protocol;
using Chat.Tests.Fakes;
using Xunit;

namespace Chat.Tests.Together;

/// <summary>
/// A few people, a room and bad luck of every kind, by chance: storage that fails, rooms that fail, connections that are lost and
/// taken up, readers that stop reading. Whatever happens: one order, no hole, nothing twice, nothing acked that isn't stored.
/// </summary>
public sealed class PromisesSpecs : ChatSpecs
{
    private const int SmallOutbox = 3_000;

    private sealed class Person(string name)
    {
        // Joins whose first page hasn't come, with the seq that each goes on from.
        private readonly Dictionary<string, long> _joins = [];
        private int _joined;
        private int _last;

        public string Name => name;

        public string? Session { get; set; }

        public FakeClient Client { get; set; } = null!;

        public bool HasToJoin { get; set; }

        public bool IsHeld { get; set; }

        public long Seen { get; private set; }

        public Dictionary<string, string> Said { get; } = [];

        public Dictionary<string, long> Acked { get; } = [];

        public Dictionary<long, ServerEvent.Message> Messages { get; } = [];

        private string Latest => $"j{_joined}";

        public void Join()
        {
            HasToJoin = false;
            _joined++;
            _joins[Latest] = Seen;
            Client.Send(new Request.Join("general", Seen) { Id = Latest });
        }

        public void Say()
        {
            var id = $"{name}-{++_last}";
            Said[id] = $"text {_last} {new string('.', _last * 13 % 200)}";
            Repeat(id);
        }

        public void Repeat(string id) => Client.Send(new Request.Publish("general", Said[id]) { Id = id });

        /// <summary>Looks at all that came, in its order.</summary>
        public void Read()
        {
            while (Client.Writer.Arrivals.TryRead(out var frame))
            {
                switch (frame)
                {
                    case ServerEvent.Message message:
                        See(message);
                        break;
                    case ServerEvent.History history:
                        Assert.False(history.Gap);
                        // The first page of a join goes on where that asked for, whatever came since it was sent.
                        if (history.Id is { } id && _joins.Remove(id, out var since))
                            Seen = since;
                        foreach (var message in history.Messages)
                            See(message);
                        break;
                    case ServerEvent.Ack ack:
                        Assert.Equal(Acked.GetValueOrDefault(ack.Id!, ack.Seq), ack.Seq);
                        Acked[ack.Id!] = ack.Seq;
                        break;
                    case ServerEvent.Error error when error.Id == Latest:
                        HasToJoin = true;
                        break;
                    case ServerEvent.Error error:
                        Assert.Contains(error.Code, (string[])[ErrorCodes.StorageUnavailable, ErrorCodes.Internal, ErrorCodes.NotInRoom]);
                        break;
                }
            }
        }

        private void See(ServerEvent.Message message)
        {
            Assert.Equal(Seen + 1, message.Seq);
            Seen = message.Seq;
            Assert.Equal(Messages.GetValueOrDefault(message.Seq, message), message);
            Messages[message.Seq] = message;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Should_keep_what_the_server_promises_whatever_happens(int seed)
    {
        var chance = new Random(seed);
        Start();
        Person[] people = [new("ana"), new("bob"), new("eve")];
        foreach (var person in people)
            await Connect(person);
        for (var step = 0; step < 250; step++)
        {
            var person = people[chance.Next(people.Length)];
            await Take(chance, person);
            person.Read();
            if (person.HasToJoin)
                person.Join();
        }
        await Settle(people);

        var stored = Stored.Messages;
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(seq => (long)seq), stored.Select(message => message.Seq));
        Assert.Equal(stored.Count, stored.Select(message => message.Id).Distinct().Count());
        Assert.All(stored.Zip(stored.Skip(1)), pair => Assert.True(pair.First.Timestamp <= pair.Second.Timestamp));
        foreach (var person in people)
        {
            Assert.Equal(stored, person.Messages.OrderBy(message => message.Key).Select(message => message.Value));
            Assert.All(person.Acked, ack => Assert.Equal((ack.Key, person.Said[ack.Key]), (stored[(int)ack.Value - 1].Id, stored[(int)ack.Value - 1].Text)));
            Assert.Equal(person.Said.Keys.Order(), person.Acked.Keys.Order());
        }
        Assert.Equal(["ana", "bob", "eve"], await MembersOf(General));
    }

    private async Task Take(Random chance, Person person)
    {
        switch (chance.Next(20))
        {
            case < 9:
                person.Say();
                break;
            case 9 when person.Said.Count > 0:
                person.Repeat(person.Said.Keys.ElementAt(chance.Next(person.Said.Count)));
                break;
            case 10:
                // Sometimes the new connection comes before the old one's end.
                if (chance.Next(2) == 0)
                    person.Client.Connection.Tell(new ConnectionInputs.Closed(null));
                var old = person.Client.Connection;
                person.Read();
                await Connect(person);
                old.Tell(new ConnectionInputs.Closed(null));
                break;
            case 11:
                person.Read();
                person.Join();
                break;
            case 12:
                person.Read();
                person.Client.Send(new Request.Leave("general"));
                person.Join();
                break;
            case 13:
                person.IsHeld = true;
                person.Client.Writer.Hold();
                break;
            case 14 when person.IsHeld:
                person.IsHeld = false;
                person.Client.Writer.TakeAll();
                break;
            case 15:
                Store.Faults.Fail(StorageCall.Append);
                break;
            case 16 when chance.Next(3) == 0:
                FailRoomAtAppend();
                break;
            case 17 when chance.Next(3) == 0:
                Store.Faults.Fail(StorageCall.Open);
                break;
            case 18:
                Store.Faults.Fail(StorageCall.Read);
                break;
            default:
                Advance(Options.StorageRetry);
                break;
        }
    }

    private async Task Connect(Person person)
    {
        (person.Client, var welcome) = await Login(person.Name, person.Session, bound: SmallOutbox);
        Assert.Equal(person.Session is not null, welcome.Resumed);
        (person.Session, person.IsHeld) = (welcome.Session, false);
        person.Join();
    }

    // Luck is good again: everybody reads, and says once more what wasn't acked.
    private async Task Settle(Person[] people)
    {
        Store.Faults.Clear();
        foreach (var person in people)
            person.Client.Writer.TakeAll();
        await AwaitAssertAsync(
            () =>
            {
                Advance(Options.StorageRetry);
                foreach (var person in people)
                {
                    person.Read();
                    if (person.HasToJoin)
                        person.Join();
                    foreach (var id in person.Said.Keys.Except(person.Acked.Keys))
                        person.Repeat(id);
                }
                Assert.All(people, person => Assert.Equal((Stored.Last, person.Said.Count), (person.Seen, person.Acked.Count)));
            },
            TimeSpan.FromSeconds(30),
            TimeSpan.FromMilliseconds(10));
    }
}
