using HostedSensor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamLearn.Hosting;

// Ctrl-C, SIGTERM or --seconds N drain the pipeline: exit code 0, or 1 if a block failed.
var builder = Host.CreateApplicationBuilder(args);
if (!TryReadSeconds(builder.Configuration["seconds"], out var length))
{
    Console.Error.WriteLine("expected --seconds N, a number of seconds more than 0");
    return 2;
}

builder.AddStreamLearn(
    "pump-7",
    services => PumpPipeline.Create("pump-7", length, services.GetRequiredService<ILoggerFactory>().CreateLogger("HostedSensor.Pump")),
    options =>
    {
        options.DrainTimeout = TimeSpan.FromSeconds(5);
        options.StopApplicationWhenFinished = true;
    });

await builder.Build().RunAsync();
return Environment.ExitCode;

static bool TryReadSeconds(string? text, out TimeSpan? length)
{
    length = null;
    if (text is null) { return true; }
    if (!double.TryParse(text, out var seconds) || !(seconds > 0 && seconds <= 1e6)) { return false; }
    length = TimeSpan.FromSeconds(seconds);
    return true;
}
