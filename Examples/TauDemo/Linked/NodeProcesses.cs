using System.Diagnostics;
using System.Globalization;

namespace TauDemo;

/// <summary>The nodes of a fleet as processes of this program. They end when it does, however it does.</summary>
internal sealed class NodeProcesses : IAsyncDisposable
{
    private const string Program = "TauDemo";
    private static readonly TimeSpan TimeToHear = TimeSpan.FromMilliseconds(500);       // of a signal that all get

    private readonly List<(string Name, Process Process)> _processes = [];

    /// <summary>Starts them.</summary>
    /// <param name="link">How they reach the aggregator.</param>
    /// <param name="count">How many.</param>
    /// <param name="started">Told of each.</param>
    internal NodeProcesses(TauLink link, int count, Action<string> started)
    {
        for (var n = 0; n < count; n++)
        {
            var name = TauParts.NameOf(n);
            var process = Process.Start(StartOf(name, link))
                ?? throw new InvalidOperationException($"{name} could not be started");
            _processes.Add((name, process));
            started(string.Create(CultureInfo.InvariantCulture, $"{name} is process {process.Id}"));
        }
    }

    /// <summary>Watches them.</summary>
    /// <param name="cancellationToken">Ends that.</param>
    /// <exception cref="FleetEndException">One of them is lost.</exception>
    internal async Task WatchAsync(CancellationToken cancellationToken)
    {
        List<Task> ends = [.. _processes.Select(p => p.Process.WaitForExitAsync(cancellationToken))];
        var first = await Task.WhenAny(ends).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        var (name, process) = _processes[ends.IndexOf(first)];
        if (process.ExitCode == CommandLine.Interrupted)
        {
            await Task.Delay(TimeToHear, TimeProvider.System, cancellationToken).ConfigureAwait(false);     // the fleet may be, too
            throw new FleetEndException("", CommandLine.Interrupted);
        }

        throw new FleetEndException($"{name} ended with {process.ExitCode}: the fleet cannot go on", CommandLine.Failed);
    }

    /// <summary>Lets them end, and ends those that do not within a second.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);
        foreach (var (_, process) in _processes) { process.StandardInput.Close(); }
        foreach (var (_, process) in _processes)
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            }

            process.Dispose();
        }
    }

    private static ProcessStartInfo StartOf(string name, TauLink link)
    {
        var self = Environment.ProcessPath ?? Program;
        var isHost = Path.GetFileNameWithoutExtension(self) != Program;      // dotnet TauDemo.dll
        List<string> words = isHost ? [Path.Combine(AppContext.BaseDirectory, $"{Program}.dll")] : [];
        words.AddRange(["node", "--attached", "--link", link.Server.OriginalString, "--fleet", link.Fleet, "--name", name]);
        if (link.Login is { } login) { words.AddRange(["--login", login.FullName]); }
        return new(self, words) { RedirectStandardInput = true, RedirectStandardOutput = true };
    }
}
