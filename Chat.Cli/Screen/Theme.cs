namespace Chat.Cli.Screen;

/// <summary>The look. Text keeps the terminal's own colours, so that it fits a light background and a dark one.</summary>
internal static class Theme
{
    public static readonly Style Bar = new(252, 236);
    public static readonly Style BarStrong = new(255, 236, Bold: true);
    public static readonly Style BarGood = new(114, 236);
    public static readonly Style BarBusy = new(221, 236);
    public static readonly Style BarBad = new(210, 236, Bold: true);
    public static readonly Style Line = new(240);
    public static readonly Style Faint = new(244);
    public static readonly Style Heading = new(244, Bold: true);
    public static readonly Style Selected = new(255, 24, Bold: true);
    public static readonly Style Unread = new(172, Bold: true);
    public static readonly Style Mention = new(168, Bold: true);
    public static readonly Style Wrong = new(167);
    public static readonly Style Came = new(65);
    public static readonly Style Waiting = new(244, Dim: true);
    public static readonly Style Prompt = new(31, Bold: true);
}
