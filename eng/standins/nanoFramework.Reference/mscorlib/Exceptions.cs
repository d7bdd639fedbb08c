namespace System;

public class Exception
{
    public Exception() { }
    public Exception(string message) { }
    public Exception(string message, Exception innerException) { }
    public Exception InnerException => throw null!;
    public virtual string Message => throw null!;
    public virtual string StackTrace => throw null!;
}

public class SystemException : Exception
{
    public SystemException() { }
    public SystemException(string message) { }
}

public class ArgumentException : SystemException
{
    public ArgumentException() { }
    public ArgumentException(string message) { }
}

public class ArgumentNullException : ArgumentException
{
    public ArgumentNullException() { }
    public ArgumentNullException(string argument) { }
}

public class ArgumentOutOfRangeException : ArgumentException
{
    public ArgumentOutOfRangeException() { }
    public ArgumentOutOfRangeException(string argument) { }
}

public class IndexOutOfRangeException : SystemException
{
}

public class InvalidCastException : SystemException
{
}

public class InvalidOperationException : SystemException
{
    public InvalidOperationException() { }
    public InvalidOperationException(string message) { }
}

public class NotSupportedException : SystemException
{
    public NotSupportedException() { }
    public NotSupportedException(string message) { }
}

public class NullReferenceException : SystemException
{
}

public class ObjectDisposedException : InvalidOperationException
{
    public ObjectDisposedException() { }
}

public class OutOfMemoryException : SystemException
{
}
