using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StreamLearn.Hosting;

/// <summary>The host's pipelines by name, for their inputs, outputs and counters.</summary>
public sealed class StreamLearnRuns : IDisposable, IAsyncDisposable
{
    private readonly ImmutableArray<HostedPipeline> _pipelines;

    internal StreamLearnRuns(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptionsMonitor<StreamLearnOptions>>();
        var application = services.GetRequiredService<IHostApplicationLifetime>();
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("StreamLearn.Hosting");
        _pipelines = [.. services.GetServices<PipelineRegistration>().Select(registered =>
            new HostedPipeline(
                registered.Name, () => registered.Define(services), () => options.Get(registered.Name), application, logger))];
    }

    /// <summary>The names, in order of addition.</summary>
    public ImmutableArray<string> Names => [.. _pipelines.Select(p => p.Name)];

    /// <summary>The run of a started pipeline.</summary>
    /// <exception cref="KeyNotFoundException">No pipeline has the name.</exception>
    /// <exception cref="InvalidOperationException">The host has not started it.</exception>
    public PipelineRun this[string name] =>
        Find(name).Run
        ?? throw new InvalidOperationException($"pipeline '{name}' has not started: await WhenStartedAsync");

    /// <summary>Returns a pipeline's run once the host has started it.</summary>
    /// <exception cref="KeyNotFoundException">No pipeline has the name.</exception>
    public Task<PipelineRun> WhenStartedAsync(string name, CancellationToken cancellationToken = default) =>
        Find(name).Started.WaitAsync(cancellationToken);

    /// <summary>Returns a pipeline's state.</summary>
    /// <exception cref="KeyNotFoundException">No pipeline has the name.</exception>
    public RunState StateOf(string name) => Find(name).State;

    /// <summary>Returns a pipeline's failure; null: none.</summary>
    /// <exception cref="KeyNotFoundException">No pipeline has the name.</exception>
    public BlockFailedException? FailureOf(string name) => Find(name).Failure;

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var pipeline in _pipelines) { pipeline.Dispose(); }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var pipeline in _pipelines) { await pipeline.DisposeAsync().ConfigureAwait(false); }
    }

    internal HostedPipeline Find(string name) =>
        _pipelines.FirstOrDefault(p => p.Name == name)
        ?? throw new KeyNotFoundException($"no pipeline was added under the name '{name}'; there are: {string.Join(", ", Names)}");
}

internal sealed record PipelineRegistration(string Name, Func<IServiceProvider, Pipeline> Define);
