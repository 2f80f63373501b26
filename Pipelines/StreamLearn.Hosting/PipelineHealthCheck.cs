using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace StreamLearn.Hosting;

/// <summary>Healthy while the pipeline runs or after it finished or was saved; degraded before the start and while stopping; unhealthy
/// after a failure, with the block.</summary>
internal sealed class PipelineHealthCheck(StreamLearnRuns runs, string name) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var state = runs.StateOf(name);
        var facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["pipeline"] = name, ["state"] = state.ToString() };
        var failure = runs.FailureOf(name);
        if (failure is not null) { (facts["block"], facts["item"]) = (failure.Block, failure.Item); }
        var status = state switch
        {
            RunState.Running or RunState.Finished or RunState.Saved => HealthStatus.Healthy,
            RunState.Failed => context.Registration.FailureStatus,
            _ => HealthStatus.Degraded,
        };
        var text = failure is null
            ? $"{name}: {state.ToString().ToLowerInvariant()}"
            : $"{name}: block {failure.Block} failed at item {failure.Item}";
        return Task.FromResult(new HealthCheckResult(status, text, failure, facts));
    }
}
