using System.Collections.Immutable;
using System.Diagnostics;

namespace Sensor.Tests;

/// <summary>A real server with a login for each participant, with the rights of docs/guides/rights.md or with none.</summary>
internal sealed class GuardedServer : IAsyncDisposable
{
    private const string Fleet = "plant";
    private static readonly ImmutableArray<string> Logins = ["aggregator", "console", "gateway", "user-001", "user-002", "liar"];
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly IAsyncDisposable _server;
    private readonly TemporaryFolder _folder;

    private GuardedServer(IAsyncDisposable server, TemporaryFolder folder) => (_server, _folder) = (server, folder);

    internal Uri Uri => _server is RealNats nats ? nats.Uri : ((Mosquitto)_server).Uri;

    internal static async Task<GuardedServer> StartAsync(bool overNats, bool guarded)
    {
        var folder = new TemporaryFolder();
        foreach (var login in Logins) { await File.WriteAllTextAsync(folder.File(login), $"{login}\n{PasswordOf(login)}\n"); }
        return new(overNats ? await RealNats.StartAsync(new() { JetStream = true, More = guarded ? await RightsAsync(folder) : Users() })
            : await Mosquitto.StartAsync(new()
            {
                Users = Logins.ToImmutableDictionary(static l => l, PasswordOf),
                Access = guarded ? [.. Block("/etc/mosquitto/streamlearn.acl").Split('\n')] : [],
                More = [.. Block("/etc/mosquitto/conf.d/streamlearn.conf").Split('\n').Where(static l => l.StartsWith("max_queued"))],
            }), folder);
    }

    internal string Log => ((Mosquitto)_server).Log;

    internal FileInfo Login(string login) => new(_folder.File(login));

    internal ITransport Open(string login, string client) => EdgeServer.Open(Uri, client, Kept, Login(login));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    internal static string PasswordOf(string login) => login == "aggregator" ? "change-me" : $"secret of {login}".Replace(' ', '-');

    private static ImmutableArray<string> Users() =>
        [$"authorization {{ users: [ {string.Join(", ", Logins.Select(static l => $"{{ user: {l}, password: {PasswordOf(l)} }}"))} ] }}"];

    /// <summary>The accounts of the page, with the users that its script makes.</summary>
    private static async Task<ImmutableArray<string>> RightsAsync(TemporaryFolder folder)
    {
        await File.WriteAllTextAsync(folder.File("devices.sh"), Block("/etc/nats/devices.sh"));
        using var script = Process.Start(new ProcessStartInfo("sh", [folder.File("devices.sh"), Fleet])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        foreach (var login in Logins.Skip(1))
        {
            await script.StandardInput.WriteLineAsync($"{login} {PasswordOf(login)} {(login == "gateway" ? "user-004 user-005" : login)}");
        }

        script.StandardInput.Close();
        var users = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return [.. Block("/etc/nats/streamlearn.conf").Replace("include \"devices.conf\"", users, StringComparison.Ordinal).Split('\n')];
    }

    private static string Block(string path)
    {
        var page = File.ReadAllText(SourceFolder.File("docs/guides/rights.md"));
        var begin = page.IndexOf($"```\n# {path}\n", StringComparison.Ordinal) + 4;
        return page[begin..page.IndexOf("\n```", begin, StringComparison.Ordinal)];
    }
}
