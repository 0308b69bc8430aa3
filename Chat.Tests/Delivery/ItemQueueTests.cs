using Chat.Actors.Delivery;
using Xunit;

namespace Chat.Tests.Delivery;

public sealed class ItemQueueTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Should_do_as_a_list_does_whatever_is_done(int seed)
    {
        var chance = new Random(seed);
        var (queue, list) = (new ItemQueue<string>(), new List<string>());
        for (var i = 0; i < 20_000; i++)
        {
            switch (chance.Next(10))
            {
                case < 5:
                    queue.Enqueue($"{i}");
                    list.Add($"{i}");
                    break;
                case < 9 when list.Count > 0:
                    Assert.Equal(list[0], queue.Dequeue());
                    list.RemoveAt(0);
                    break;
                case 9 when chance.Next(20) == 0:
                    var asked = new List<string>();
                    var last = (char)('0' + chance.Next(10));
                    queue.RemoveFromEnd(item =>
                    {
                        asked.Add(item);
                        return item[^1] <= last;
                    });
                    Assert.Equal(list.AsEnumerable().Reverse(), asked);
                    list.RemoveAll(item => item[^1] <= last);
                    break;
                case 9 when chance.Next(100) == 0:
                    queue.Clear();
                    list.Clear();
                    break;
            }
            Assert.Equal(list, Enumerable.Range(0, queue.Count).Select(place => queue[place]));
        }
    }
}
