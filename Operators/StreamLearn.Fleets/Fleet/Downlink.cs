using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <summary>
/// What goes to single devices: receipts, and versions at the pace in which they confirm them. A call sends a few; the others come by
/// wake-ups.
/// </summary>
internal sealed class Downlink(OperatorContext context, IOutput<Weights> versions, IOutput<Receipt> receipts, int parameterBytes)
{
    /// <summary>Receipts, and versions, that one call emits at most.</summary>
    internal const int MaxPerCall = 16;

    private const int MaxBytesPerCall = 2 << 20;

    private readonly int _maxVersions = Math.Clamp(MaxBytesPerCall / Math.Max(1, parameterBytes), 1, MaxPerCall);
    private readonly Queue<Member> _versionsDue = [];
    private readonly Queue<Member> _receiptsDue = [];
    private Weights? _newest;

    /// <summary>True when nothing waits to be sent.</summary>
    internal bool IsEmpty => _versionsDue.Count == 0 && _receiptsDue.Count == 0;

    /// <summary>True while receipts wait to be sent.</summary>
    internal bool HasReceipts => _receiptsDue.Count > 0;

    internal void State(ref StateStream s, ModelPlan plan, Fleet fleet)
    {
        s.Optional(ref _newest, LearningCodecs.Weights);
        if (_newest is null) { return; }
        if (_newest.SchemaHash != plan.SchemaHash || _newest.Values.Length != plan.Values)
        {
            throw new StateException($"expected {plan.Values} values of this model, got {_newest.Values.Length}");
        }

        s.Items(_versionsDue, int.MaxValue, fleet, Fleet.Refer);
        s.Items(_receiptsDue, int.MaxValue, fleet, Fleet.Refer);
        if (s.IsWriting) { return; }
        foreach (var member in _versionsDue) { member.IsVersionDue = true; }
        foreach (var member in _receiptsDue) { member.IsReceiptDue = true; }
    }

    /// <summary>There is a version that devices are to have.</summary>
    internal void Renew(Weights version) => _newest = version;

    /// <summary>Sends the newest version to a device, if it may be, with the next calls.</summary>
    internal void Offer(Member member)
    {
        if (_newest is null || member.IsVersionDue || !member.Versions.IsDue(_newest.Version)) { return; }
        member.IsVersionDue = true;
        _versionsDue.Enqueue(member);
    }

    /// <summary>Hears which version a device holds. <paramref name="held"/>: what it says; null: nothing. <paramref name="kind"/>: what it
    /// says beside; null for an update.</summary>
    internal void Hear(Member member, ModelVersion? held, PresenceKind? kind)
    {
        if (_newest is null) { return; }
        if (held is { } version)
        {
            var isOurs = version.Epoch == _newest.Epoch;
            if (isOurs && kind == PresenceKind.Hello) { member.Versions.Lose(version.Version); }
            else if (isOurs) { member.Versions.Confirm(version.Version); }
            else if (!member.HasForeignVersion) { member.Versions.Lose(-1); }      // it holds one of an earlier aggregator
            member.HasForeignVersion = !isOurs;
        }

        if (kind == PresenceKind.Waiting)
        {
            member.Versions.Ask();
            Report(member);         // so that the device knows that somebody is there
        }

        Offer(member);
    }

    /// <summary>Answers a device at once.</summary>
    internal void Answer(Member member) => receipts.Emit(Of(member));

    /// <summary>Asks a device for the version that it holds.</summary>
    internal void Want(Member member) => receipts.Emit(Of(member) with { Wanted = member.Holds });

    /// <summary>Answers somebody who is not a member.</summary>
    internal void Answer(WeightDelta update, string reason) => receipts.Emit(new()
    {
        Device = update.Device,
        Epoch = update.Epoch,
        Aggregator = context.Pipeline,
        Newest = Newest,
        Fates = [new(update.Sequence, UpdateOutcome.Refused, reason)],
    });

    /// <summary>Tells a device with the next calls what has become of its updates.</summary>
    internal void Report(Member member)
    {
        if (member.IsReceiptDue || !member.Alive) { return; }
        member.IsReceiptDue = true;
        _receiptsDue.Enqueue(member);
    }

    /// <summary>Emits what is due, as much as one call may, and asks for a wake-up if there is more.</summary>
    internal void Send()
    {
        for (var sent = 0; sent < MaxPerCall && _receiptsDue.TryDequeue(out var member); sent++)
        {
            member.IsReceiptDue = false;
            Answer(member);
        }

        for (var sent = 0; sent < _maxVersions && _versionsDue.TryDequeue(out var member);)
        {
            member.IsVersionDue = false;
            if (!member.Alive || !member.Versions.IsDue(_newest!.Version)) { continue; }
            member.Versions.Send(_newest.Version);
            versions.Emit(_newest with { Recipient = member.Id.Name });
            context.Record("versions-sent");
            sent++;
        }

        if (!IsEmpty) { context.WakeAt(context.Now); }
    }

    private ModelVersion Newest => _newest?.Id ?? default;

    private Receipt Of(Member member) => new()
    {
        Device = member.Id.Name,
        Epoch = member.Epoch,
        Aggregator = context.Pipeline,
        Newest = Newest,
        Fates = member.Identities.Fates(),
    };
}
