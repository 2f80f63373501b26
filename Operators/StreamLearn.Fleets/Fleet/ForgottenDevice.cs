namespace StreamLearn.Fleets;

/// <summary>Makes an aggregator forget a device: fences, quarantine and update numbers. Its next message counts as a new
/// device's.</summary>
/// <remarks>For a device locked out by an impostor or a wrong clock. Its earlier updates may be applied twice if resent.</remarks>
/// <param name="Device">The device.</param>
public sealed record ForgottenDevice(string Device)
{
    /// <summary>Codec: UTF-8 name.</summary>
    public static ICodec<ForgottenDevice> Codec { get; } =
        new NameCodec<ForgottenDevice>("forgotten-device/1", minBytes: 1, static m => m.Device, static name => new(name));
}
