using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StreamLearn.Testing;

namespace StreamLearn.Hosting.Tests;

public sealed class HostedPipelineTests : IDisposable
{
    private readonly LogLines _log = new();
    public void Dispose() => _log.Dispose();
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pipeline_starts_with_the_host_and_drains_when_it_stops()
    {
        var taken = 0;
        using var host = Build(b => b.AddStreamLearn("echo", _ =>
            Pipeline.Define("echo", p => p.Input<string>("in").ForEach("take", _ => taken++))));
        await host.StartAsync(Token);
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        for (var i = 0; i < 100; i++) { await runs["echo"].SendAsync("in", "message", Token); }
        await host.StopAsync(Token);
        Assert.Equal(100, taken);
        Assert.Equal(RunState.Finished, runs.StateOf("echo"));
        Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.Draining, StreamLearnEvents.Finished], _log.Ids);
    }

    [Fact]
    public async Task A_pipeline_that_keeps_checkpoints_is_saved_as_the_host_stops_and_goes_on_with_the_next()
    {
        using var folder = new TemporaryFolder();
        var taken = 0;
        for (var start = 1; start <= 2; start++)
        {
            using var log = new LogLines();
            using var host = Build(b => b.AddStreamLearn("echo",
                _ => Pipeline.Define("echo", p => p.Input<string>("in").ForEach("take", _ => taken++)),
                o => o.Run = new() { Checkpoints = new(folder.Path), StartFrom = Checkpoint.Newest(folder.Path) }), log);
            await host.StartAsync(Token);
            var runs = host.Services.GetRequiredService<StreamLearnRuns>();
            for (var i = 0; i < 100; i++) { await runs["echo"].SendAsync("in", "message", Token); }

            await host.StopAsync(Token);

            Assert.Equal(RunState.Saved, runs.StateOf("echo"));
            Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.Saved], log.Ids);
            Assert.Contains($"checkpoint {start} of", log.Text(StreamLearnEvents.Saved), StringComparison.Ordinal);
            Assert.False(Checkpoint.Newest(folder.Path)!.HasEnded);
        }
        await Pipeline.Define("echo", p => p.Input<string>("in").ForEach("take", _ => taken++))
            .Start(new() { StartFrom = Checkpoint.Newest(folder.Path) }, Token).DrainAsync(Token);
        Assert.Equal(200, taken);
    }

    [Fact]
    public async Task A_damaged_checkpoint_that_is_passed_over_is_reported()
    {
        using var folder = new TemporaryFolder();
        var first = Echo().Start(new() { Checkpoints = new(folder.Path) }, Token);
        await first.CheckpointAsync();
        await first.StopAsync();
        await File.WriteAllTextAsync(Path.Join(folder.Path, "checkpoint-000000000002"), "torn", Token);
        using var host = Build(b => b.AddStreamLearn("echo", _ => Echo(),
            o => o.Run = new() { Checkpoints = new(folder.Path), StartFrom = Checkpoint.Newest(folder.Path) }));
        await host.StartAsync(Token);
        await host.StopAsync(Token);
        Assert.Equal("Pipeline echo resumes from checkpoint 1 and repeats later work, because newer ones are damaged: "
            + "checkpoint-000000000002: expected a checkpoint, got other bytes.", _log.Text(StreamLearnEvents.PassedOver));
    }

    [Fact]
    public async Task A_state_that_cannot_be_saved_is_reported_and_the_run_canceled()
    {
        var folder = Directory.CreateTempSubdirectory("streamlearn-").FullName;
        using var host = Build(b => b.AddStreamLearn("echo", _ => Echo(), o => o.Run = new() { Checkpoints = new(folder) }));
        await host.StartAsync(Token);
        Directory.Delete(folder, recursive: true);
        await File.WriteAllTextAsync(folder, "in its place", Token);      // so that it cannot be made again
        await host.StopAsync(Token);
        File.Delete(folder);
        Assert.Equal(RunState.Canceled, host.Services.GetRequiredService<StreamLearnRuns>().StateOf("echo"));
        Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.NotSaved, StreamLearnEvents.Canceled], _log.Ids);
    }

    [Fact]
    public async Task Named_pipelines_run_side_by_side()
    {
        using var host = Build(b => b.AddStreamLearn("left", _ => Echo()).AddStreamLearn("right", _ => Echo()));
        await host.StartAsync(Token);
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        Assert.Equal(["left", "right"], runs.Names);
        Assert.NotSame(runs["left"], await runs.WhenStartedAsync("right", Token));
        Assert.Throws<KeyNotFoundException>(() => runs["middle"]);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_pipeline_is_made_from_the_hosts_services()
    {
        using var host = Build(b =>
        {
            b.Services.AddSingleton("site-4");
            b.AddStreamLearn("echo", services => Pipeline.Define(services.GetRequiredService<string>(), p =>
                p.Input<string>("in").Discard()));
        });
        await host.StartAsync(Token);
        Assert.Equal("site-4", host.Services.GetRequiredService<StreamLearnRuns>()["echo"].Pipeline.Name);
        await host.StopAsync(Token);
    }

    [Fact(Timeout = 30_000)]
    public async Task A_pipeline_that_does_not_drain_in_time_is_canceled()
    {
        var time = new ManualTimeProvider();
        using var host = Build(b => b.AddStreamLearn("stuck", _ => Unread(), o =>
            (o.DrainTimeout, o.Run) = (TimeSpan.FromSeconds(7), new() { TimeProvider = time })));
        await host.StartAsync(Token);
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        await runs["stuck"].SendAsync("in", "nobody reads me", Token);

        var stop = host.StopAsync(Token);
        await _log.WaitFor(StreamLearnEvents.Draining, Token);
        while (time.PendingTimers == 0) { await Task.Yield(); }
        time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Equal(RunState.Draining, runs.StateOf("stuck"));
        Assert.DoesNotContain(StreamLearnEvents.DrainTimedOut, _log.Ids);
        time.Advance(TimeSpan.FromSeconds(0.1));

        await stop.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(RunState.Canceled, runs.StateOf("stuck"));
        Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.Draining, StreamLearnEvents.DrainTimedOut,
            StreamLearnEvents.Canceled], _log.Ids);
    }

    [Fact(Timeout = 30_000)]
    public async Task The_hosts_own_time_out_ends_a_drain_too()
    {
        using var host = Build(b => b.AddStreamLearn("stuck", _ => Unread(), o => o.DrainTimeout = Timeout.InfiniteTimeSpan));
        await host.StartAsync(Token);
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        await runs["stuck"].SendAsync("in", "nobody reads me", Token);
        using var hostTimeout = new CancellationTokenSource();
        var stop = host.StopAsync(hostTimeout.Token);
        await _log.WaitFor(StreamLearnEvents.Draining, Token);
        await hostTimeout.CancelAsync();
        await Task.WhenAny(stop).WaitAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => runs["stuck"].Completion);
    }

    [Fact]
    public async Task A_failed_pipeline_stops_the_application_with_exit_code_1_and_names_the_block()
    {
        using var host = Build(b => b.AddStreamLearn("weak", _ => Broken()));
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        await host.StartAsync(Token);

        await runs["weak"].SendAsync("in", "message", Token);
        await host.WaitForShutdownAsync(Token);
        var exitCode = Environment.ExitCode;
        Environment.ExitCode = 0;

        Assert.Equal(1, exitCode);
        Assert.Equal(RunState.Failed, runs.StateOf("weak"));
        Assert.Equal("broken", runs.FailureOf("weak")!.Block);
        Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.Failed, StreamLearnEvents.StoppingOnFailure], _log.Ids);
        Assert.Contains("weak failed in block broken, item 1", _log.Text(StreamLearnEvents.Failed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_pipeline_leaves_the_application_alone_when_told_to()
    {
        using var host = Build(b => b
            .AddStreamLearn("weak", _ => Broken(), o => o.StopApplicationOnFailure = false)
            .AddStreamLearn("echo", _ => Echo()));
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        await host.StartAsync(Token);
        await runs["weak"].SendAsync("in", "message", Token);
        await _log.WaitFor(StreamLearnEvents.Failed, Token);
        Assert.False(host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        Assert.Equal(RunState.Running, runs.StateOf("echo"));
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task A_finished_pipeline_stops_the_application_when_told_to()
    {
        using var host = Build(b => b.AddStreamLearn("short", _ => Echo(), o => o.StopApplicationWhenFinished = true));
        await host.StartAsync(Token);
        host.Services.GetRequiredService<StreamLearnRuns>()["short"].Complete("in");
        await host.WaitForShutdownAsync(Token);
        Assert.Equal([StreamLearnEvents.Started, StreamLearnEvents.Finished, StreamLearnEvents.StoppingWhenFinished], _log.Ids);
    }

    [Fact]
    public async Task A_wrong_definition_fails_the_start()
    {
        using var host = Build(b => b.AddStreamLearn("loose", _ => Pipeline.Define("loose", p => p.Input<string>("in"))));
        var failure = await Assert.ThrowsAsync<PipelineDefinitionException>(() => host.StartAsync(Token));
        Assert.Contains("goes nowhere", failure.Message, StringComparison.Ordinal);
        Assert.Equal(RunState.NotStarted, host.Services.GetRequiredService<StreamLearnRuns>().StateOf("loose"));
    }

    [Fact]
    public async Task A_host_that_is_disposed_without_being_stopped_cancels_its_runs()
    {
        PipelineRun run;
        using (var host = Build(b => b.AddStreamLearn("stuck", _ => Unread())))
        {
            await host.StartAsync(Token);
            run = host.Services.GetRequiredService<StreamLearnRuns>()["stuck"];
            await run.SendAsync("in", "nobody reads me", Token);
        }
        Assert.True(run.Completion.IsCanceled);
    }

    [Theory, InlineData(0, 1), InlineData(-2, 1), InlineData(172800, 1), InlineData(5, 0.5), InlineData(5, double.NaN)]
    public async Task Wrong_options_fail_the_start_and_name_the_pipeline(int drainSeconds, double slowdown)
    {
        using var host = Build(b => b.AddStreamLearn(
            "echo", _ => Echo(), o => (o.DrainTimeout, o.Run) = (TimeSpan.FromSeconds(drainSeconds), new() { Slowdown = slowdown })));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Contains("'echo'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_is_given_once()
    {
        var services = new ServiceCollection().AddStreamLearn("echo", _ => Echo());
        Assert.Throws<ArgumentException>(() => services.AddStreamLearn("echo", _ => Echo()));
        Assert.Throws<ArgumentException>(() => services.AddStreamLearn(" ", _ => Echo()));
    }

    [Fact]
    public async Task A_run_cannot_be_had_before_the_start()
    {
        using var host = Build(b => b.AddStreamLearn("echo", _ => Echo()));
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        Assert.Throws<InvalidOperationException>(() => runs["echo"]);
        var waiting = runs.WhenStartedAsync("echo", Token);
        Assert.False(waiting.IsCompleted);
        await host.StartAsync(Token);
        Assert.Same(runs["echo"], await waiting);
        await host.StopAsync(Token);
    }

    [Fact]
    public async Task The_health_check_tells_how_the_pipeline_is()
    {
        using var host = Build(b => b
            .AddStreamLearn("weak", _ => Broken(), o => o.StopApplicationOnFailure = false)
            .AddStreamLearn("echo", _ => Echo()));
        var runs = host.Services.GetRequiredService<StreamLearnRuns>();
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(host, "echo")).Status);
        await host.StartAsync(Token);
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(host, "weak")).Status);

        await runs["weak"].SendAsync("in", "message", Token);
        await _log.WaitFor(StreamLearnEvents.Failed, Token);
        runs["echo"].Complete("in");
        await _log.WaitFor(StreamLearnEvents.Finished, Token);

        var failed = await CheckAsync(host, "weak");
        Assert.Equal(HealthStatus.Unhealthy, failed.Status);
        Assert.Equal(("broken", 1L), ((string)failed.Data["block"], (long)failed.Data["item"]));
        var finished = await CheckAsync(host, "echo");
        Assert.Equal((HealthStatus.Healthy, "Finished"), (finished.Status, (string)finished.Data["state"]));
        await host.StopAsync(Token);
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host, string name) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(r => r.Tags.Contains("streamlearn"), Token))
            .Entries[$"streamlearn:{name}"];

    private static Pipeline Echo() => Pipeline.Define("echo", p => p.Input<string>("in").Discard());
    private static Pipeline Unread() => Pipeline.Define("stuck", p => p.Input<string>("in").Output("out"));

    private static Pipeline Broken() => Pipeline.Define("weak", p =>
        p.Input<string>("in").ForEach("broken", _ => throw new InvalidDataException("bad row")));

    private IHost Build(Action<IHostApplicationBuilder> add, LogLines? log = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log ?? _log).AddFilter("StreamLearn.Hosting", LogLevel.Trace);
        add(builder);
        return builder.Build();
    }
}
