namespace StreamLearn.Simulation;

/// <remarks> Links of the papers are symmetric and without delay. Source: Samikwa et al. (2022), ARES, and Wu et al. (2022), FedAdapt, with
/// their code. </remarks>
public sealed partial record LinkProfile
{
    /// <summary>Wi-Fi of a Jetson Nano: 75 Mbit/s.</summary>
    public static LinkProfile NanoWifi { get; } = Of(75);

    /// <summary>Wi-Fi of a Raspberry Pi 3: 40 Mbit/s; measured 35 to 40.</summary>
    public static LinkProfile PiWifi { get; } = Of(40);

    /// <summary>Wi-Fi of a Raspberry Pi 3, shaped to 15 Mbit/s.</summary>
    public static LinkProfile PiWifiShaped { get; } = Of(15);

    /// <summary>A 20 Mbit/s shaper, from ARES's code.</summary>
    public static LinkProfile Shaped { get; } = Of(20);

    /// <summary>FedAdapt's bandwidth drop, as presented: 10 Mbit/s.</summary>
    public static LinkProfile FedAdaptSlide { get; } = Of(10);

    /// <summary>FedAdapt's bandwidth drop, in its code: 5 Mbit/s.</summary>
    public static LinkProfile FedAdaptCode { get; } = Of(5);

    private static LinkProfile Of(double megabits) => new() { UpBitsPerSecond = megabits * 1e6, DownBitsPerSecond = megabits * 1e6 };
}
