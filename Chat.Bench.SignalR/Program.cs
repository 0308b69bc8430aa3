using Chat.Bench.SignalR;

// Started by Chat.Bench with --urls; logs nothing for each message, as the others don't.
var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddSignalR();
var app = builder.Build();
app.MapHub<ChatHub>("/chat");
app.Run();
