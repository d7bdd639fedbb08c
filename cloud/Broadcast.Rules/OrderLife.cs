using Broadcast.Device;

namespace Broadcast.Rules;

/// <summary>How receipts and the cloud's own acts move an order's state. States are honest (R6): only the device says received, playing, played.</summary>
public static class OrderLife
{
    /// <summary>Nothing more will come of it by itself. A late receipt may still correct what the cloud had only concluded.</summary>
    public static bool IsFinal(OrderState state) => state is OrderState.Played or OrderState.Stopped or OrderState.Refused
        or OrderState.Failed or OrderState.Expired or OrderState.Cancelled;

    /// <summary>Still to be handed to the device at its next session: it has never said that it holds it.</summary>
    public static bool IsOwed(OrderState state) => state is OrderState.Queued or OrderState.Sent;

    /// <summary>A refusal of what the device has finished speaks of a copy that somebody sent once more: it takes nothing back.</summary>
    public static bool IsMoot(OrderState current, ReceiptState said) =>
        said == ReceiptState.Refused && current is (OrderState.Played or OrderState.Stopped or OrderState.Failed);

    /// <summary>
    /// The state after a receipt. Receipts are numbered by the device, so a late one of lower number changes nothing;
    /// a refusal for want of time is no end: the order is owed again at the next welcome.
    /// </summary>
    public static OrderState AfterReceipt(OrderState current, long currentNumber, ReceiptState said, byte reason, long number)
    {
        if (number <= currentNumber || IsMoot(current, said)) return current;
        return said switch
        {
            ReceiptState.Received => OrderState.Received,
            ReceiptState.Playing => OrderState.Playing,
            ReceiptState.Played => OrderState.Played,
            ReceiptState.Interrupted => OrderState.Interrupted,
            ReceiptState.Stopped => OrderState.Stopped,
            ReceiptState.Refused => (Refusal)reason == Refusal.NotYetKnownTime ? OrderState.Queued : OrderState.Refused,
            ReceiptState.Failed => OrderState.Failed,
            _ => current,
        };
    }

    /// <summary>
    /// What measured the sound of an order, by its last receipt. Played alone is not audible (R6); what a later version may say and
    /// this one does not know counts as not measured.
    /// </summary>
    public static SoundCheck SoundOf(OrderState state, byte reason) =>
        state == OrderState.Played && reason <= (byte)SoundCheck.MicrophoneHeard ? (SoundCheck)reason : SoundCheck.NotMeasured;

    /// <summary>Whether something measured that the order was audible.</summary>
    public static bool IsVerifiedAudible(OrderState state, byte reason) => SoundOf(state, reason) is SoundCheck.AmplifierDriven or SoundCheck.MicrophoneHeard;

    /// <summary>Whether something measured an order that was played, and found too little.</summary>
    public static bool IsMeasuredSilent(OrderState state, byte reason) => SoundOf(state, reason) is SoundCheck.AmplifierSilent or SoundCheck.MicrophoneSilent;

    /// <summary>The state after the order was handed to a live session.</summary>
    public static OrderState AfterSend(OrderState current) => current == OrderState.Queued ? OrderState.Sent : current;

    /// <summary>The state once validity has ended: what was never heard of has expired; what the device holds is the device's to tell.</summary>
    public static OrderState AfterExpiry(OrderState current) => IsOwed(current) ? OrderState.Expired : current;

    /// <summary>The state of an Alert or Update order when its warning is cancelled or superseded.</summary>
    public static OrderState AfterCancel(OrderState current) => current == OrderState.Queued ? OrderState.Cancelled : current;
}
