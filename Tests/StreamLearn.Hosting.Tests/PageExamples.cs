using Microsoft.Extensions.Hosting;

namespace StreamLearn.Hosting.Tests;

/// <summary>C# of docs/start/install.md that needs the generic host, so that it is compiled. Architecture.Tests holds both texts
/// together.</summary>
internal static class PageExamples
{
    internal static async Task HostedAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.AddStreamLearn("pump-7", services => PumpPipeline.Create(services));
        await builder.Build().RunAsync();
    }

    private static class PumpPipeline
    {
        internal static Pipeline Create(IServiceProvider services)
        {
            ArgumentNullException.ThrowIfNull(services);
            return Pipeline.Define("pump-7", p => p.Input<Batch>("rows").Discard());
        }
    }
}
