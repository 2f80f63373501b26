using StreamLearn.Learning;
using StreamLearn.Models;

namespace StreamLearn.Fleets;

/// <content>Resuming from a state that may be an older copy, with what devices hold.</content>
internal sealed partial class Aggregate
{
    private const int MaxQuestions = 8, MaxQuestionsOfDevice = 2;

    /// <summary>A device that has lost its connection may take ten seconds to return.</summary>
    private static readonly TimeSpan ListensFor = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(15);

    private readonly VersionSeal _seal;
    private bool _isResumed;                    // in a start that has made no version yet
    private bool _mayRepeat;                    // neither the server nor every device has said which version is the newest
    private DateTimeOffset? _listensUntil;      // what devices say they hold is awaited; null: it is not
    private Member? _asked;
    private DateTimeOffset? _answerBy;
    private int _questions;
    private ModelVersion? _claimed;             // the newest that a device says it holds
    private Weights? _known;                    // the newest that the server has kept or a device has given back
    private string _knownBy = "";               // the counter of that

    /// <summary>True while a version would come too early: a newer one may be known soon.</summary>
    private bool AwaitsVersion => _restoreBy is not null || _listensUntil is not null;

    private bool IsNewer(Weights version) =>
        _known is { } known ? version.Id > known.Id : _round.IsFirst || (version.Id > _model.Id && version.Version > _model.Version);

    /// <summary>True for a version of this model, which a state can hold.</summary>
    private bool Fits(Weights version) => version.SchemaHash == _plan.SchemaHash && version.Values.Length == _plan.Values
        && double.IsFinite(UpdateCheck.NormOf(version.Values)) && IsFollowable(version.Id);

    /// <summary>
    /// Takes in what a device says it holds, before the first version of a start from a state. A newer one than is known is asked for: one
    /// device at a time, the newest first. It is believed only with this aggregator's seal: a device can give back, but not make up.
    /// </summary>
    private void Consider(Member member, ModelVersion? held)
    {
        if (held is { } version && !IsPossible(version)) { _context.Record("versions-implausible"); }
        var holds = member.Holds = Possible(held) ?? default(ModelVersion);
        if (holds > (_claimed ?? _model.Id)) { (_claimed, _listensUntil) = (holds, _listensUntil ?? _context.Now + ListensFor); }
        Ask();
    }

    /// <summary>Takes a version that a device gives back.</summary>
    private void TakeBack(Member member, Presence message, Weights version)
    {
        if (member != _asked)
        {
            _context.Drop(message, "not-restoring");
            return;
        }

        _asked = null;
        if (Fits(version) && IsNewer(version) && _seal.IsOwn(version)) { (_known, _knownBy) = (version, "recovered"); }
        else
        {
            _context.Record("offers-refused");
            member.Questions = MaxQuestionsOfDevice;
        }

        Ask();
    }

    /// <summary>Asks for the newest version that a device holds and this aggregator does not, or ends the wait.</summary>
    private void Ask()
    {
        if (_listensUntil is not { } until) { return; }
        if (_asked is not null && _context.Now < _answerBy)
        {
            _context.WakeAt(_answerBy.Value);
            return;
        }

        _asked = null;
        if (!_seal.Secret.IsEmpty && _questions < MaxQuestions
            && _fleet.HolderOfNewest(MaxQuestionsOfDevice) is { } holder && holder.Holds > (_known?.Id ?? _model.Id))
        {
            _questions++;
            holder.Questions++;
            (_asked, _answerBy) = (holder, _context.Now + AnswersWithin);
            _context.WakeAt(_answerBy.Value);
            _downlink!.Want(holder);
        }
        else if (_restoreBy is null && (_context.Now >= until || _fleet.HaveAllReported)) { Resume(); }
        else { _context.WakeAt(until); }
    }

    /// <summary>Waits for what devices hold, where the server has kept nothing: it may have lost it, or never keeps any.</summary>
    private void AwaitDevices()
    {
        if (!_isResumed || _downlink is null) { return; }
        _mayRepeat = true;
        if (!_round.IsFirst) { _listensUntil ??= _context.Now + ListensFor; }
    }

    /// <summary>Begins a start from a state: nobody has said anything in it.</summary>
    private void BeginResuming()
    {
        (_mayBeBehind, _isResumed, _mayRepeat, _questions) = (true, true, false, 0);
        (_listensUntil, _asked, _claimed, _known) = (null, null, null, null);
        _fleet.ForgetReports();
    }

    private void State(ref StateStream s, Fleet fleet)
    {
        s.Value(ref _isResumed);
        s.Value(ref _mayRepeat);
        s.ClockTime(ref _listensUntil);
        s.ClockTime(ref _answerBy);
        s.Value(ref _questions, 0, MaxQuestions);
        var asked = s.Value(_asked?.Id.Name ?? "");
        _claimed = s.Value(_claimed is not null) ? new(s.Value(_claimed?.Epoch ?? 0), s.Value(_claimed?.Version ?? 0)) : null;
        s.Optional(ref _known, LearningCodecs.Weights);
        _knownBy = s.Value(_knownBy);
        if (s.IsWriting) { return; }
        _asked = fleet.MemberOf(asked);
    }

    /// <summary>Resumes from the newest version that is known. One that nobody gave back leaves its number unused.</summary>
    private void Resume()
    {
        _mayRepeat &= !_fleet.HaveAllReported;
        var (known, claimed) = (_known, _claimed);
        (_listensUntil, _known, _claimed) = (null, null, null);
        if (known is { } version)
        {
            GoOnFrom(version);
            (_round.IsFirst, _mayRepeat, _mayBeBehind) = (false, false, false);
            _context.Record(_knownBy);
            _context.Gauge("restored-version", version.Version);
        }

        Open(restored: known is not null);
        if (known is null && _isResumed) { CallBackFrom(claimed); }
        Continue();
    }
}
