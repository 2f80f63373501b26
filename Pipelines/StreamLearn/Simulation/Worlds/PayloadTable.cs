namespace StreamLearn.Simulation;

/// <summary>The payloads of a world in its state: each is written once, however many wait for it.</summary>
internal sealed class PayloadTable
{
    private readonly Dictionary<Payload, int> _numbers = [];
    private readonly List<Payload> _all = [];

    /// <summary>Which payload it is. One that is read has one more who holds it.</summary>
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

    /// <summary>The payloads, once all have been named.</summary>
    internal void State(ref StateStream s, PayloadPool pool) => s.Items(_all, int.MaxValue, pool, Saved);

    /// <summary>A payload with all that travels with it.</summary>
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

    /// <summary>Gives back the payloads that it has read: who holds one keeps it.</summary>
    internal void Release()
    {
        foreach (var payload in _all) { payload.Release(); }
        _all.Clear();
    }
}

/// <summary>What the blocks of a device are saved with. <paramref name="Devices"/>: all of the world; <paramref name="Numbers"/>:
/// their places.</summary>
internal sealed record SavedWith(
    SavedMessages Messages, PayloadTable Payloads, IReadOnlyList<VirtualDevice> Devices, Dictionary<VirtualDevice, int> Numbers,
    DateTimeOffset Now);
