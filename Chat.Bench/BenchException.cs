namespace Chat.Bench;

/// <summary>A measurement can't be made; the message says why, and what to do.</summary>
public sealed class BenchException(string message) : Exception(message);
