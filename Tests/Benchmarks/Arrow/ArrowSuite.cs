namespace Benchmarks;

/// <summary>What a batch costs as a message of Arrow IPC: nine channels and the event time, written into one buffer that is used again,
/// given as pieces, and read as a view that has been checked in full. Beside them a copy of the bytes, and npm's apache-arrow.</summary>
internal sealed class ArrowSuite : Suite
{
    private const string JsVersion = "21.2.0";
    private const double Seconds = 0.1;
    private static readonly int[] Sizes = [128, 1024, 65_536];

    private static readonly Peer Js = new("apache-arrow.js",
        () => NodePeer.Of("apache-arrow", JsVersion, Path.Combine(AppContext.BaseDirectory, "Arrow", "peers", "arrowjs_peer.js")));

    internal override string Name => "arrow";

    internal override IReadOnlyList<Case> Cases { get; } =
    [
        .. Sizes.Select(rows => new Case($"write.{rows}", "ns/batch", new("streamlearn", () => ArrowRun.Of(rows).Write()),
            new Contender("memcpy", () => ArrowRun.Of(rows).Copy()), Js.Nanoseconds("apache-arrow.js", () => $"write {rows}", Seconds))),
        .. Sizes.Select(rows => new Case($"gather.{rows}", "ns/batch", new("streamlearn", () => ArrowRun.Of(rows).Gather()))),
        .. Sizes.Select(rows => new Case($"read.{rows}", "ns/batch", new("streamlearn", () => ArrowRun.Of(rows).Read()),
            Js.Nanoseconds("apache-arrow.js", () => $"read {rows}", Seconds))),
        .. Sizes.Select(rows => new Case($"decode.{rows}", "ns/batch", new("streamlearn", () => ArrowRun.Of(rows).Decode()),
            new Contender("memcpy", () => ArrowRun.Of(rows).Copy()))),
        .. Sizes.Select(rows => new Case($"read.utf8.{rows}", "ns/batch", new("streamlearn", () => ArrowRun.OfTexts(rows).Read()),
            Js.Nanoseconds("apache-arrow.js", () => $"texts {rows}", Seconds))),
    ];
}
