using System.Globalization;
using Akka.Actor;

namespace Chat.Tests.Simulation;

/// <summary>
/// What happened in a run: always as a hash that two runs of a seed have in common, and as lines for people where a run is looked at.
/// </summary>
internal sealed class Trace(bool keepsLines = false)
{
    private const ulong Start = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    private readonly Dictionary<Type, ulong> _types = [];
    private readonly List<string> _lines = [];

    /// <summary>FNV-1a over all that happened, whatever differs between two processes left out.</summary>
    public ulong Hash { get; private set; } = Start;

    /// <summary>The time that stands before each line.</summary>
    public Func<TimeSpan> Clock { get; set; } = () => TimeSpan.Zero;

    /// <summary>The most that waited for any actor.</summary>
    public (int Count, string Actor) LongestQueue { get; private set; }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Notes what happened; the text must be the same in every process.</summary>
    public void Add(string text)
    {
        Mix(HashOf(text));
        if (keepsLines)
            Keep(text);
    }

    /// <summary>Notes what is for people alone.</summary>
    public void Explain(string text)
    {
        if (keepsLines)
            Keep("    " + text);
    }

    /// <summary>An actor takes a message.</summary>
    public void Takes(long number, IActorRef actor, object message)
    {
        var type = message.GetType();
        if (!_types.TryGetValue(type, out var hash))
            _types[type] = hash = HashOf(type.FullName!);
        Mix((ulong)number);
        Mix(hash);
        if (keepsLines)
            Keep($"    {NameOf(actor)} takes {Shortened(message)}");
    }

    /// <summary>So many messages wait for an actor.</summary>
    public void Waits(IActorRef actor, int count)
    {
        if (count > LongestQueue.Count)
            LongestQueue = (count, actor.Path.Name);
    }

    private void Keep(string text) => _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Clock().TotalSeconds,9:0.000} {text}"));

    // Without the system's and the run's names.
    private static string NameOf(IActorRef actor) => string.Join('/', actor.Path.Elements.Skip(2));

    private static string Shortened(object message)
    {
        var text = message.ToString() ?? "";
        return text.Length > 300 ? text[..300] + "…" : text;
    }

    private void Mix(ulong value) => Hash = (Hash ^ value) * Prime;

    private static ulong HashOf(string text)
    {
        var hash = Start;
        foreach (var c in text)
            hash = (hash ^ c) * Prime;
        return hash;
    }
}
