namespace StreamLearn.Nodes;

internal sealed class PendingBatch(ISplitTape tape)
{
    internal string? Device { get; set; }

    internal long Epoch { get; set; }

    internal long Sequence { get; set; }

    internal int Rows { get; set; }

    internal float Loss { get; set; }

    internal DateTimeOffset Deadline { get; set; }

    internal ISplitTape Tape { get; } = tape;

    /// <summary>The message, kept for a resend; null if it is not resent.</summary>
    internal Activations? Message { get; set; }

    internal void State(ref StateStream s, int most)
    {
        Device = s.Value(Device ?? "");
        (Epoch, Sequence) = (s.Value(Epoch), s.Value(Sequence));
        (Rows, Loss, Deadline) = (s.Value(Rows, 1, most), s.Value(Loss), s.ClockTime(Deadline) ?? default);
        Tape.State(ref s, most);
        Message = s.Optional(Message, LearningCodecs.Activations);
    }
}

/// <summary>A fixed pool of batches that await gradients. <paramref name="samples"/>: number of stream rows in a model row.</summary>
internal sealed class Flights(ISplitModel model, SplitTrainOptions options, OperatorContext context, int samples = 1)
{
    internal const int Most = 64;

    /// <summary>Abandoned batches to remember, to distinguish late gradients from duplicates.</summary>
    private const int Remembered = 64;

    private readonly PendingBatch[] _places = [.. Enumerable.Range(0, options.InFlight).Select(_ => new PendingBatch(model.CreateTape()))];
    private readonly (string? Device, long Epoch, long Sequence)[] _given = new (string?, long, long)[Remembered];
    private int _givenUp;

    internal int Count { get; private set; }

    internal bool IsFull => Count == _places.Length;

    internal void State(ref StateStream s)
    {
        foreach (var place in _places)
        {
            if (!s.Value(place.Device is not null)) { continue; }
            place.State(ref s, options.BatchRows);
            if (s.IsReading) { Count++; }
        }

        for (var i = 0; i < Remembered; i++)
        {
            ref var given = ref _given[(_givenUp + i) % Remembered];
            if (s.Value(given.Device is not null)) { given = (s.Value(given.Device ?? ""), s.Value(given.Epoch), s.Value(given.Sequence)); }
        }
    }

    internal PendingBatch Begin(string device, long epoch, long sequence, int rows)
    {
        var place = Free();
        (place.Device, place.Epoch, place.Sequence, place.Rows, place.Loss) = (device, epoch, sequence, rows, 0);
        place.Deadline = context.Now + options.GradientTimeout;
        context.WakeAt(place.Deadline);
        Count++;
        return place;
    }

    /// <summary>Returns null with the reason if the gradient cannot be applied. <paramref name="values"/>: number of values per row; 0 if
    /// no gradient is expected.</summary>
    internal PendingBatch? Find(BoundaryGradients gradients, int boundary, int values, out string reason)
    {
        reason = "";
        foreach (var flight in _places)
        {
            if (flight.Sequence != gradients.Sequence || flight.Epoch != gradients.Epoch || flight.Device != gradients.Device) { continue; }
            reason = gradients.Split != boundary ? "split"
                : gradients.Values.Length != (gradients.RolledBack ? 0 : flight.Rows * values) ? "shape"
                : !float.IsFinite(gradients.Loss) || !Finite.All(gradients.Values.AsSpan()) ? "non-finite"
                : "";
            return reason.Length == 0 ? flight : null;
        }

        reason = Array.IndexOf(_given, (gradients.Device, gradients.Epoch, gradients.Sequence)) >= 0 ? "late" : "duplicate";
        return null;
    }

    internal void End(PendingBatch flight)
    {
        (flight.Device, flight.Message) = (null, null);
        Count--;
    }

    /// <summary>Abandons or resends overdue batches, and schedules the next wake-up.</summary>
    internal void GiveUp(Action<Activations>? resend = null)
    {
        foreach (var flight in _places)
        {
            if (flight.Device is null) { continue; }
            if (flight.Deadline > context.Now)
            {
                context.WakeAt(flight.Deadline);
                continue;
            }

            if (flight.Message is null || resend is null) { GiveUp(flight); }
            else
            {
                flight.Deadline = context.Now + options.GradientTimeout;
                context.WakeAt(flight.Deadline);
                context.Record("batches-repeated");
                resend(flight.Message);
            }
        }
    }

    internal bool Has(BoundaryGradients message) =>
        _places.Any(p => p.Device == message.Device && p.Epoch == message.Epoch && p.Sequence == message.Sequence);

    internal void SendAgain(Action<Activations> resend)
    {
        foreach (var flight in _places)
        {
            if (flight is { Device: not null, Message: { } message }) { resend(message); }
        }
    }

    internal void GiveUpAll()
    {
        foreach (var flight in _places)
        {
            if (flight.Device is not null) { GiveUp(flight); }
        }
    }

    private void GiveUp(PendingBatch flight)
    {
        _given[_givenUp] = (flight.Device, flight.Epoch, flight.Sequence);
        _givenUp = (_givenUp + 1) % Remembered;
        context.Record("missing-gradients");
        context.DropRows(flight.Rows * samples, "no-gradient");
        End(flight);
    }

    private PendingBatch Free()
    {
        foreach (var place in _places)
        {
            if (place.Device is null) { return place; }
        }

        throw new InvalidOperationException("every place is taken");
    }
}
