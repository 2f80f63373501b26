namespace StreamLearn.Fleets;

/// <summary>Makes an aggregator forget a device, with its fences, quarantine and update numbers. Its next message counts as that of a new
/// device.</summary>
/// <remarks>For a device locked out by an impostor or a wrong clock. If it resends earlier updates, they may be applied twice.</remarks>
/// <param name="Device">The device.</param>
public sealed record ForgottenDevice(string Device)
{
    /// <summary>Codec: UTF-8 name.</summary>
    public static ICodec<ForgottenDevice> Codec { get; } =
        new NameCodec<ForgottenDevice>("forgotten-device/1", minBytes: 1, static m => m.Device, static name => new(name));
}
