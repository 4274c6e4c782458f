import java.lang.annotation.ElementType
import java.lang.annotation.Target

/** Stands for the annotation by which a Jenkinsfile loads a library. */
@Target([ElementType.LOCAL_VARIABLE, ElementType.FIELD, ElementType.TYPE, ElementType.PACKAGE])
@interface Library { String value() }
