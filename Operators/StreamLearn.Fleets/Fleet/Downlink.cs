using System.Diagnostics.CodeAnalysis;

namespace StreamLearn.Fleets;

/// <summary>Receipts and versions for single devices. Each call sends a few, and wake-ups send the rest: first to elders (devices with
/// accepted updates), then to newcomers, at most one of each.</summary>
internal sealed class Downlink(
    OperatorContext context, IOutput<Weights> versions, IOutput<Receipt> receipts, Fleet fleet, int parameterBytes)
{
    /// <summary>Maximum number of receipts, and also of versions, per call.</summary>
    internal const int MaxPerCall = 16;

    private const int MaxBytesPerCall = 2 << 20;

    private readonly int _maxVersions = Math.Clamp(MaxBytesPerCall / Math.Max(1, parameterBytes), 1, MaxPerCall);
    private readonly (Queue<Member> Elders, Queue<Member> Others) _versionsDue = ([], []);
    private readonly (Queue<Member> Elders, Queue<Member> Others) _receiptsDue = ([], []);
    private Weights? _newest;

    internal bool IsEmpty => _versionsDue is { Elders.Count: 0, Others.Count: 0 } && !HasReceipts;

    internal bool HasReceipts => _receiptsDue is not { Elders.Count: 0, Others.Count: 0 };

    internal void State(ref StateStream s, ModelPlan plan)
    {
        s.Optional(ref _newest, LearningCodecs.Weights);
        if (_newest is null) { return; }
        if (_newest.SchemaHash != plan.SchemaHash || _newest.Values.Length != plan.Values)
        {
            throw new StateException($"expected {plan.Values} values of this model, got {_newest.Values.Length}");
        }

        s.Items(_versionsDue.Elders, int.MaxValue, fleet, Fleet.Refer);
        s.Items(_versionsDue.Others, int.MaxValue, fleet, Fleet.Refer);
        s.Items(_receiptsDue.Elders, int.MaxValue, fleet, Fleet.Refer);
        s.Items(_receiptsDue.Others, int.MaxValue, fleet, Fleet.Refer);
        if (s.IsWriting) { return; }
        foreach (var member in _versionsDue.Elders.Concat(_versionsDue.Others)) { member.IsVersionDue = true; }
        foreach (var member in _receiptsDue.Elders.Concat(_receiptsDue.Others)) { member.IsReceiptDue = true; }
    }

    internal void Renew(Weights version) => _newest = version;

    internal void Offer(Member member)
    {
        if (_newest is null || member.IsVersionDue || !member.Versions.IsDue(_newest.Version)) { return; }
        member.IsVersionDue = true;
        Of(_versionsDue, member).Enqueue(member);
    }

    /// <summary><paramref name="held"/>: held version; null: not reported. <paramref name="kind"/>: null for an update.</summary>
    internal void Hear(Member member, ModelVersion? held, PresenceKind? kind)
    {
        if (_newest is null) { return; }
        if (held is { } version)
        {
            var isOurs = version.Epoch == _newest.Epoch;
            if (isOurs && kind == PresenceKind.Hello) { member.Versions.Lose(version.Version); }
            else if (isOurs) { member.Versions.Confirm(version.Version); }
            else if (!member.HasForeignVersion) { member.Versions.Lose(-1); }      // the device holds a version from an earlier aggregator
            member.HasForeignVersion = !isOurs;
        }

        if (kind == PresenceKind.Waiting)
        {
            member.Versions.Ask();
            Report(member);         // tells the device that an aggregator is present
        }

        Offer(member);
    }

    internal void Answer(Member member) => receipts.Emit(Of(member));

    internal void Want(Member member) => receipts.Emit(Of(member) with { Wanted = member.Holds });

    internal void Answer(WeightDelta update, UpdateRefusal reason) => receipts.Emit(new()
    {
        Device = update.Device,
        Epoch = update.Epoch,
        Aggregator = context.Pipeline,
        Newest = Newest,
        Fates = [new(update.Sequence, UpdateOutcome.Refused, reason.Text())],
    });

    internal void Report(Member member)
    {
        if (member.IsReceiptDue || !member.Alive) { return; }
        member.IsReceiptDue = true;
        Of(_receiptsDue, member).Enqueue(member);
    }

    internal void Send()
    {
        for (int sent = 0, others = 0; sent < MaxPerCall && TryNext(_receiptsDue, ref others, out var member); sent++)
        {
            member.IsReceiptDue = false;
            Answer(member);
        }

        for (int sent = 0, others = 0; sent < _maxVersions && TryNext(_versionsDue, ref others, out var member);)
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

    private Queue<Member> Of((Queue<Member> Elders, Queue<Member> Others) due, Member member) =>
        member.IsElder || fleet.Elders == 0 ? due.Elders : due.Others;

    /// <summary>Allows one newcomer per call, because the following space is reserved for elders.</summary>
    private static bool TryNext(
        (Queue<Member> Elders, Queue<Member> Others) due, ref int others, [MaybeNullWhen(false)] out Member member) =>
        due.Elders.TryDequeue(out member) || (others++ == 0 && due.Others.TryDequeue(out member));

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
