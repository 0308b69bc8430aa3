using System.Text;

namespace Chat.Bench.Crash;

/// <summary>A message that a writer is to send.</summary>
public sealed record Draft(string Room, string Id, string Text);

/// <summary>Makes up one writer's messages: ids in order, texts of any length and of characters that take more than a byte or an escape.</summary>
public sealed class Writing(string user, IReadOnlyList<string> rooms, Random random)
{
    private const string Characters = "abcdefghijklmnopqrstuvwxyz 0123456789.,-\"\\\n\täöß€漢";

    private int _number;

    /// <summary>The next one.</summary>
    public Draft Next()
    {
        var id = $"{user}-{++_number}";
        return new Draft(rooms[random.Next(rooms.Count)], id, Text(id));
    }

    // The id at both ends, so that no trimming changes it.
    private string Text(string id)
    {
        var length = random.Next(20) switch
        {
            0 => random.Next(600, 3_500),
            < 5 => random.Next(120, 600),
            _ => random.Next(120),
        };
        var text = new StringBuilder(id).Append(' ');
        while (text.Length < length)
            text.Append(Characters[random.Next(Characters.Length)]);
        return text.Append(' ').Append(id).ToString();
    }
}
