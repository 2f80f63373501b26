namespace StreamLearn.Simulation;

/// <summary>Writes each payload once, even if several messages hold it.</summary>
internal sealed class PayloadTable
{
    private readonly Dictionary<Payload, int> _numbers = [];
    private readonly List<Payload> _all = [];

    /// <summary>Restoring adds a holder.</summary>
    internal Payload State(ref StateStream s, Payload? payload)
    {
        if (s.IsReading)
        {
            payload = _all[s.Value(0, 0, _all.Count - 1)];
            payload.Retain();
            return payload;
        }

        if (!_numbers.TryGetValue(payload!, out var number))
        {
            _numbers[payload!] = number = _all.Count;
            _all.Add(payload!);
        }

        s.Value(number);
        return payload!;
    }

    internal void State(ref StateStream s, PayloadPool pool) => s.Items(_all, int.MaxValue, pool, Saved);

    internal static void Saved(ref StateStream s, ref Payload payload, PayloadPool pool)
    {
        if (s.IsReading)
        {
            var saved = SavedPublication.State(ref s, null);
            payload = pool.Rent(saved.Topic, saved.Payload.WrittenSpan, saved.Options.Properties, saved.Options.Origin);
            return;
        }

        var options = new PublishOptions(payload.Origin) { Properties = payload.Properties };
        SavedPublication.Write(ref s, payload.Topic, payload.Span, options, rows: 0);
    }

    internal void Release()
    {
        foreach (var payload in _all) { payload.Release(); }
        _all.Clear();
    }
}

internal sealed record SavedWith(
    SavedMessages Messages, PayloadTable Payloads, IReadOnlyList<VirtualDevice> Devices, Dictionary<VirtualDevice, int> Numbers,
    DateTimeOffset Now);
