namespace Chat.Actors.History;

/// <summary>Turns the system's errors into sentences that name the file and what helps.</summary>
internal static class StorageErrors
{
    // Linux's and macOS's numbers, which .NET hands on as an IOException's HResult.
    private const int NotPermitted = 1, InputOutput = 5, AccessDenied = 13, TooManyInSystem = 23, TooMany = 24, NoSpace = 28, ReadOnly = 30;
    private const int QuotaLinux = 122, QuotaMac = 69, WouldBlockLinux = 11, WouldBlockMac = 35;
    private const int WindowsSharing = unchecked((int)0x80070020), WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Whether the storage is to blame, rather than the program.</summary>
    public static bool IsFromStorage(Exception error) =>
        error is (IOException or UnauthorizedAccessException) and not StorageException;

    public static bool IsLocked(Exception error) =>
        error is IOException { HResult: WouldBlockLinux or WouldBlockMac or WindowsSharing };

    /// <summary>Whether this user may not do it.</summary>
    public static bool IsForbidden(Exception error) =>
        error is UnauthorizedAccessException or IOException { HResult: NotPermitted or AccessDenied };

    /// <param name="doing">What was tried, as in "append to".</param>
    /// <param name="path">The file or folder it was tried on.</param>
    /// <param name="error">What the system said.</param>
    public static StorageException Failed(string doing, string path, Exception error) =>
        new($"Can't {doing} {path}: {Sentence(error)} {Remedy(error)}", error);

    public static string Sentence(Exception error)
    {
        var text = error.Message.ReplaceLineEndings(" ").TrimEnd();
        return text.EndsWith('.') ? text : text + ".";
    }

    public static string Remedy(Exception error) => error switch
    {
        UnauthorizedAccessException => "Make it writable for the user that the gateway runs as.",
        FileNotFoundException or DirectoryNotFoundException =>
            "Something removed it while it was in use: keep other programs out of the data folder.",
        IOException { HResult: NoSpace or QuotaLinux or QuotaMac or WindowsDiskFull } => "Free some space on this disk.",
        IOException { HResult: ReadOnly } => "Mount this disk writable, or choose another data folder.",
        IOException { HResult: TooMany or TooManyInSystem } => "Raise the limit of open files (ulimit -n).",
        IOException { HResult: InputOutput } => "Check the disk: the system's log (dmesg) has more.",
        _ => "Check the disk and the data folder.",
    };
}
