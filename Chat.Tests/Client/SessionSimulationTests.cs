using Chat.Protocol;
using Chat.Protocol.Client;
using CsCheck;
using Xunit;

namespace Chat.Tests.Client;

/// <summary>A session against a model server, with connections that break at any point, refusals, pages and doubled acks.</summary>
public sealed class SessionSimulationTests
{
    private const int Steps = 300;

    private static readonly string[] Rooms = ["a", "b"];

    [Fact]
    public void Should_store_each_message_once_and_in_order_and_see_each_once_whatever_happens() =>
        Gen.Int.Sample(seed => new Run(seed).ToItsEnd(), iter: 2_000, threads: 2);

    private sealed class Run
    {
        private readonly Random _chance;
        private readonly ModelServer _server;
        private readonly ClientSession _session;
        private readonly Limits _limits = new() { UnansweredRequests = 6, PublishRate = 50, PublishBurst = 10 };
        private readonly Dictionary<string, List<long>> _seen = Rooms.ToDictionary(room => room, _ => new List<long>());
        private readonly List<(string Room, string Id, bool IsBad, Task<ServerEvent.Ack> Task)> _published = [];
        private readonly List<Task> _asked = [];
        private readonly Dictionary<string, int> _ends = [];
        private TimeSpan _now = TimeSpan.FromHours(1);
        private bool _isOpening;
        private bool _isConnected;

        public Run(int seed)
        {
            _chance = new Random(seed);
            _server = new ModelServer(_chance, _limits);
            _session = new ClientSession(
                new ChatClientOptions { Server = new Uri("ws://localhost/ws"), User = "ana", Jitter = _chance.NextDouble }, "c");
        }

        public void ToItsEnd()
        {
            var trouble = _server.Trouble;
            _server.Trouble = 0;
            _session.Connect(new Call<ServerEvent.Welcome>(new Request.Login("ana")), _now);
            foreach (var room in Rooms)
                Join(room, since: 0);
            Take();
            Settle();
            _server.Trouble = trouble;
            for (var i = 0; i < Steps; i++)
                Step();
            _server.Trouble = 0;
            Settle();
            Check();
        }

        private void Step()
        {
            var room = Rooms[_chance.Next(Rooms.Length)];
            switch (_chance.Next(20))
            {
                case < 4:
                    Publish(room);
                    break;
                case < 9:
                    _server.Serve();
                    break;
                case < 14:
                    Deliver();
                    break;
                case 14:
                    _server.Say(room);
                    break;
                case 15:
                    _server.Feed();
                    break;
                case 16 when _chance.Next(3) == 0:
                    _server.Overflow(room);
                    break;
                case 17 when _chance.Next(4) == 0:
                    Drop();
                    break;
                case 18 when _chance.Next(4) == 0:
                    var who = new Call<ServerEvent.Who>(new Request.Who(room));
                    _asked.Add(who.Task);
                    _session.Read(who, _now);
                    break;
                case 19 when _chance.Next(4) == 0:
                    Join(room, since: null);
                    break;
                default:
                    Pass(TimeSpan.FromSeconds(_chance.NextDouble()));
                    break;
            }
            Take();
        }

        private void Join(string room, long? since)
        {
            var join = new Call<ServerEvent.History>(new Request.Join(room, since));
            _asked.Add(join.Task);
            _session.Join(join, _now);
        }

        private void Publish(string room)
        {
            var isBad = _chance.Next(10) == 0;
            var id = "p" + _published.Count;
            var call = new Call<ServerEvent.Ack>(new Request.Publish(room, (isBad ? "bad " : "") + id) { Id = id });
            _published.Add((room, id, isBad, call.Task));
            _session.Publish(call, _now);
        }

        private void Deliver()
        {
            if (_isConnected && _server.Deliver() is { } e)
                _session.Received(e, default, _now);
        }

        private void Drop()
        {
            if (!_isConnected && !_isOpening)
                return;
            Disconnect();
            _session.Lost(null, "dropped", _now);
        }

        private void Disconnect()
        {
            if (_isConnected)
                _server.Drop();
            _isConnected = _isOpening = false;
        }

        private void Pass(TimeSpan time)
        {
            _now += time;
            if (_isOpening)
            {
                (_isOpening, _isConnected) = (false, true);
                _session.Opened(_now);
            }
            _session.Tick(_now);
        }

        private void Settle()
        {
            for (var i = 0; i < 2_000 && (!_isConnected || _server.HasMore || _session.IsAwaited); i++)
            {
                _server.Serve();
                _server.Feed();
                Deliver();
                Deliver();
                Take();
                Pass(TimeSpan.FromSeconds(0.1));
                Take();
            }
        }

        private void Take()
        {
            foreach (var output in _session.Take())
            {
                switch (output)
                {
                    case SessionOutput.Open:
                        _isOpening = true;
                        break;
                    case SessionOutput.Close:
                        Disconnect();
                        break;
                    case SessionOutput.Send send when _isConnected:
                        _server.Incoming.Enqueue(send.Request);
                        break;
                    case SessionOutput.Tell { Event: ClientEvent.Received { Event: ServerEvent.Message message } }:
                        _seen[message.Room].Add(message.Seq);
                        break;
                    case SessionOutput.Tell { Event: ClientEvent.Received { Event: ServerEvent.History page } }:
                        _seen[page.Room].AddRange(page.Messages.Select(message => message.Seq));
                        break;
                    case SessionOutput.Tell { Event: ClientEvent.PublishChanged { Message: { Status: OutgoingStatus.Stored or OutgoingStatus.Refused } message } }:
                        _ends[message.Id] = _ends.GetValueOrDefault(message.Id) + 1;
                        break;
                }
            }
        }

        private void Check()
        {
            Assert.True(_isConnected);
            Assert.Empty(_session.Unacked);
            Assert.All(_asked, task => Assert.True(task.IsCompletedSuccessfully));
            foreach (var (room, id, isBad, task) in _published)
            {
                Assert.True(task.IsCompleted, $"{id} was never answered.");
                Assert.Equal(isBad, task.IsFaulted);
                Assert.Equal(1, _ends[id]);
                var seqs = _server.Logs[room].Where(message => message.Id == id).Select(message => message.Seq).ToArray();
                Assert.Equal(isBad ? [] : [task.Result.Seq], seqs);
            }
            foreach (var room in Rooms)
            {
                Assert.Equal(Enumerable.Range(1, _server.Logs[room].Count).Select(seq => (long)seq), _seen[room]);
                CheckOrder(_server.Logs[room].Where(message => message.User == "ana").Select(message => message.Id!));
            }
        }

        // A later one may stand before an earlier one only if that was refused meanwhile.
        private void CheckOrder(IEnumerable<string> ids)
        {
            var highest = -1;
            foreach (var id in ids)
            {
                var number = int.Parse(id[1..]);
                Assert.True(number > highest || _server.RefusedIds.Contains(id), $"{id} came behind p{highest}.");
                highest = Math.Max(highest, number);
            }
        }
    }
}
