namespace Chat.Protocol.Client;

/// <summary>There is no connection, and none will be made.</summary>
public sealed class ChatConnectionException(string message, int? closeCode = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The code with which the connection was closed, if a close frame came.</summary>
    public int? CloseCode { get; } = closeCode;
}
