using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using StreamLearn.Testing;

namespace TauDemo.Tests;

/// <summary>The program as a person starts it.</summary>
internal sealed partial class DemoProcess(params IReadOnlyList<string> arguments) : IAsyncDisposable
{
    private readonly ServerProcess _process = new("dotnet", [Program, .. arguments]);

    /// <summary>The program, for <c>dotnet</c>.</summary>
    internal static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "TauDemo.dll");

    /// <summary>What it wrote so far.</summary>
    internal string Log => _process.Log;

    /// <summary>The processes of its nodes.</summary>
    internal ImmutableArray<int> Nodes =>
        [.. NodeLine().Matches(Log).Select(static m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>The rounds that it has printed.</summary>
    internal ImmutableArray<RoundReport> Rounds =>
    [
        .. Log.Split('\n').Where(static l => l.StartsWith('{'))
            .Select(static l => JsonSerializer.Deserialize(l, ReportJson.Default.RoundReport)!),
    ];

    /// <summary>True if a process runs.</summary>
    internal static bool Runs(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Waits for a line that contains a text.</summary>
    internal Task WaitForAsync(string text) => _process.WaitForAsync(text, TestContext.Current.CancellationToken);

    /// <summary>Waits for its end.</summary>
    internal Task<int> EndAsync() => _process.EndAsync();

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    internal Task KillAsync() => _process.KillAsync();

    /// <summary>Asks it to end by SIGTERM, which it takes as it does Ctrl+C, and waits for that. A shell lets programs in the background
    /// ignore SIGINT.</summary>
    internal Task<int> InterruptAsync() => _process.StopAsync();

    /// <summary>Waits until none of its nodes runs.</summary>
    internal async Task NodesEndAsync()
    {
        using var patience = new CancellationTokenSource(ServerProcess.Patience, TimeProvider.System);
        while (Nodes.Any(Runs))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex("node-[0-9] is process ([0-9]+)")]
    private static partial Regex NodeLine();
}
