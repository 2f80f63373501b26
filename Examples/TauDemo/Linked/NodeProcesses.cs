using System.Diagnostics;
using System.Globalization;

namespace TauDemo;

/// <summary>The nodes of a fleet as processes of this program. They end when it does, however it does.</summary>
internal sealed class NodeProcesses : IAsyncDisposable
{
    private const string Program = "TauDemo";
    private readonly List<(string Name, Process Process)> _processes = [];

    /// <summary>Starts them.</summary>
    /// <param name="link">How they reach the aggregator.</param>
    /// <param name="settings">The fleet.</param>
    /// <param name="started">Told of each.</param>
    internal NodeProcesses(TauLink link, TauFleetSettings settings, Action<string> started)
    {
        for (var n = 0; n < settings.Nodes; n++)
        {
            var name = TauParts.NameOf(n);
            var process = Process.Start(StartOf(name, link, settings))
                ?? throw new InvalidOperationException($"{name} could not be started");
            _processes.Add((name, process));
            started(string.Create(CultureInfo.InvariantCulture, $"{name} is process {process.Id}"));
        }
    }

    /// <summary>Waits until one of them has ended.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its name, and what it ended with.</returns>
    internal async Task<(string Name, int ExitCode)> FirstEndAsync(CancellationToken cancellationToken)
    {
        List<Task> ends = [.. _processes.Select(p => p.Process.WaitForExitAsync(cancellationToken))];
        var first = await Task.WhenAny(ends).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        var (name, process) = _processes[ends.IndexOf(first)];
        return (name, process.ExitCode);
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

    private static ProcessStartInfo StartOf(string name, TauLink link, TauFleetSettings settings)
    {
        var self = Environment.ProcessPath ?? Program;
        var isHost = Path.GetFileNameWithoutExtension(self) != Program;      // dotnet TauDemo.dll
        List<string> words = isHost ? [Path.Combine(AppContext.BaseDirectory, $"{Program}.dll")] : [];
        words.AddRange(["node", "--attached", "--link", link.Server.OriginalString, "--fleet", link.Fleet, "--name", name]);
        words.AddRange(["--case", Text((int)settings.Case), "--seed", Text(settings.Seed)]);
        if (link.Login is { } login) { words.AddRange(["--login", login.FullName]); }
        return new(self, words) { RedirectStandardInput = true, RedirectStandardOutput = true };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
