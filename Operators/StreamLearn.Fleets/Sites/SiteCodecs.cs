namespace StreamLearn.Fleets;

/// <summary>The codecs of messages between sites.</summary>
public static class SiteCodecs
{
    /// <summary>What sites say beside their updates: <c>site-signal/1</c>.</summary>
    public static ICodec<SiteSignal> SiteSignals { get; } = new SiteSignalCodec();
}
