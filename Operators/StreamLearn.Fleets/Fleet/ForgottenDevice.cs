namespace StreamLearn.Fleets;

/// <summary>Tells an aggregator to forget a device: what it is fenced by and quarantined for, and the numbers of its updates. Its next
/// message is taken as that of a new one.</summary>
/// <remarks>For a device that is locked out because somebody spoke in its name, or because its clock had been wrong. Updates that it sent
/// before may be applied a second time if they come again.</remarks>
/// <param name="Device">The device.</param>
public sealed record ForgottenDevice(string Device)
{
    /// <summary>The codec for a transport: the name in UTF-8.</summary>
    public static ICodec<ForgottenDevice> Codec { get; } =
        new NameCodec<ForgottenDevice>("forgotten-device/1", minBytes: 1, static m => m.Device, static name => new(name));
}
