namespace StreamLearn.Simulation;

/// <summary>A message on its way to one subscription. <paramref name="Sender"/>: the device on a direct link; null: the server.</summary>
internal readonly record struct MessageInTransit(Topic Topic, Payload Payload, bool IsRetained = false, VirtualDevice? Sender = null)
{
    internal TimeSpan Leaves { get; init; }

    internal TimeSpan Arrives { get; init; }

    /// <summary>Number of the receiver's connection. If that connection ends, the message is lost.</summary>
    internal long Connection { get; init; }

    /// <summary>The sender's connection. If that connection ends, the message is lost; 0: a server keeps it.</summary>
    internal long SenderConnection { get; init; }

    internal bool IsLostWithSender => Sender is not null && SenderConnection > 0
        && (!Sender.IsConnected || Sender.Connects != SenderConnection || (Sender.Stopped && Sender.EndedAt < Leaves));

    internal static void State(ref StateStream s, ref MessageInTransit message, SavedWith with)
    {
        var payload = with.Payloads.State(ref s, message.Payload);
        var sender = s.Value(message.Sender is null ? -1 : with.Numbers[message.Sender], -1, with.Devices.Count - 1);
        message = new(payload.Topic, payload, s.Value(message.IsRetained), sender < 0 ? null : with.Devices[sender])
        {
            Leaves = s.Value(message.Leaves),
            Arrives = s.Value(message.Arrives),
            Connection = s.Value(message.Connection),
            SenderConnection = s.Value(message.SenderConnection),
        };
    }
}
