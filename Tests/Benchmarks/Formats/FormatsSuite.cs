namespace Benchmarks;

/// <summary>What it costs to read a payload of a sensor into a batch.</summary>
internal sealed class FormatsSuite : Suite
{
    private static readonly Peer NodePeer = new("node", () => new("node")
    {
        ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Formats", "peers", "json_peer.js") },
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    });

    internal override string Name => "formats";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        Window("json.9x128", new(v => ((float)v).ToString("R", CultureInfo.InvariantCulture))),
        Window("json.9x128.short", new(v => v.ToString("F5", CultureInfo.InvariantCulture))),
        Window("json.9x128.rows", new(v => ((float)v).ToString("R", CultureInfo.InvariantCulture), byRows: true)),
        Window("json.9x128.long", new(v => v.ToString("R", CultureInfo.InvariantCulture))),
    ];

    private static Case Window(string name, JsonWindow window) => new(name, "ns/window", window.Ours(),
        window.Node("node", NodePeer, "parse"), window.Node("node.text", NodePeer, "text"), window.Serializer(), window.Reader());
}
