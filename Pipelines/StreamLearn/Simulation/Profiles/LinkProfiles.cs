namespace StreamLearn.Simulation;

/// <summary>Links of the papers, as fast in both directions and without delay. Source: Samikwa et al. (2022), ARES, and Wu et al. (2022),
/// FedAdapt, with their code.</summary>
public static class LinkProfiles
{
    /// <summary>Wi-Fi of a Jetson Nano: 75 Mbit/s.</summary>
    public static LinkProfile NanoWifi { get; } = Of(75);

    /// <summary>Wi-Fi of a Raspberry Pi 3: 40 Mbit/s, of the 35 to 40 that were measured.</summary>
    public static LinkProfile PiWifi { get; } = Of(40);

    /// <summary>The same, shaped to 15 Mbit/s.</summary>
    public static LinkProfile PiWifiShaped { get; } = Of(15);

    /// <summary>A shaper of 20 Mbit/s, from the code of ARES.</summary>
    public static LinkProfile Shaped { get; } = Of(20);

    /// <summary>The bandwidth drop of FedAdapt, as presented: 10 Mbit/s.</summary>
    public static LinkProfile FedAdaptSlide { get; } = Of(10);

    /// <summary>The bandwidth drop of FedAdapt, as in its code: 5 Mbit/s.</summary>
    public static LinkProfile FedAdaptCode { get; } = Of(5);

    private static LinkProfile Of(double megabits) => new() { UpBitsPerSecond = megabits * 1e6, DownBitsPerSecond = megabits * 1e6 };
}
