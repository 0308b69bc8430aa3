using Chat.Actors.History;
using Chat.Gateway.Configuration;
using Chat.Gateway.Hosting;

var start = GatewayConfiguration.Read(args, Console.Out, Console.Error);
if (start.Options is not { } options)
    return start.ExitCode;

try
{
    return start.Work switch
    {
        Work.Verify => Verification.Run(options.Data, Console.Out, Console.Error),
        Work.Import or Work.Export => Transfer.Run(options, isImport: start.Work == Work.Import, Console.Out, Console.Error),
        _ => await Daemon.RunAsync(options),
    };
}
catch (CertificateException e)
{
    Console.Error.WriteLine(e.Message);
    return ExitCodes.Usage;
}
catch (StorageException e)
{
    Console.Error.WriteLine(e.Message);
    return e.Failure == StorageFailure.InUse ? ExitCodes.Usage : ExitCodes.Failed;
}
