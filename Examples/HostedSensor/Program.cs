using HostedSensor;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamLearn.Hosting;

// Runs until Ctrl-C or SIGTERM, or for --seconds N. Either way the pipeline drains and the exit code is 0; a failed block makes it 1.
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
