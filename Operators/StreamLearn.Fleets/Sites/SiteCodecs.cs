namespace StreamLearn.Fleets;

/// <summary>The codecs of messages between sites.</summary>
public static class SiteCodecs
{
    /// <summary>Signals of sites: <c>site-signal/1</c>.</summary>
    public static ICodec<SiteSignal> SiteSignals { get; } = new SiteSignalCodec();
}
