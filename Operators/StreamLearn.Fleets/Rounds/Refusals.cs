namespace StreamLearn.Fleets;

internal static class Refusals
{
    internal const string NotItsTopic = "not-its-topic";

    internal const string ImplausibleEpoch = "implausible-epoch";

    internal const string Quarantined = "quarantined";

    internal const string Flood = "flood";

    internal const string Share = "share";

    /// <summary>Two programs share the device's identity.</summary>
    internal const string TwoPrograms = "two-programs";

    internal static string OfPresences(string reason) => reason switch
    {
        "fenced" => "presences-fenced",
        "fleet-full" => "presences-fleet-full",
        NotItsTopic => "presences-not-its-topic",
        ImplausibleEpoch => "presences-implausible-epoch",
        _ => "presences-quarantined",
    };
}
